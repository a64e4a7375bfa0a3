//go:build linux

package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
	"github.com/roomtick/roomtick/loadtest/client"
)

// flyers play in one room of the demo's game, each with its own part of it in view.
const flyers = 60

// shareSuite asks the demo's server how many of the deltas that it sent were made for
// others as well.
func shareSuite(ctx context.Context, b *bench) error {
	program := filepath.Join(b.dir, "arena")
	if err := b.build(ctx, program, "."); err != nil {
		return err
	}
	var steps, shared, sent []float64
	for round := range b.fewRounds() {
		added, err := b.fly(ctx, program)
		if err != nil {
			return err
		}
		of := func(form string) float64 { return added[`roomtick_deltas_total{form="`+form+`"}`] }
		regular := of("step") + of("span")
		all := regular + of("jump") + of("keyframe")
		if all < 1 {
			return errors.New("no deltas were sent")
		}
		steps = append(steps, regular/all)
		shared = append(shared, all/added["roomtick_delta_encodings_total"])
		bytes := func(counted string) float64 {
			return sumOf(added, "roomtick_field_bytes_total{", counted) + sumOf(added, "roomtick_delta_overhead_bytes_total{", counted)
		}
		sent = append(sent, bytes("sent")/bytes("encoded"))
		b.say("round %d of %d: %.3f of the deltas are steps", round+1, b.fewRounds(), regular/all)
	}
	b.report.add(figure{What: "arena: deltas that are steps of 1, 2 or 4", Unit: "of all", Value: stats.Of(steps), Held: ">= 0.95"})
	b.report.add(figure{What: "arena: each encoding is sent", Unit: "times", Value: stats.Of(shared)})
	b.report.add(figure{What: "arena: each encoded byte is sent", Unit: "times", Value: stats.Of(sent)})
	return nil
}

// sumOf adds up the metrics of a family that are counted so.
func sumOf(m proc.Metrics, family, counted string) (sum float64) {
	for name, v := range m {
		if strings.HasPrefix(name, family) && strings.Contains(name, `counted="`+counted+`"`) {
			sum += v
		}
	}
	return sum
}

// fly has bots play at random for a measurement, and returns what the server counted.
func (b *bench) fly(ctx context.Context, program string) (proc.Metrics, error) {
	server, err := proc.StartServer(ctx, program, strings.Fields(b.opts.serve)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Stop() }()
	playing, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for i := range flyers {
		bot, err := client.Join(playing, client.Options{
			URL: server.URL, Game: "arena", Play: client.PlayWander, Seed: uint64(i), Phase: float64(i) / flyers, HeadsOnly: true,
		})
		if err != nil {
			return nil, err
		}
		running.Go(func() { _ = bot.Run(playing) }) // a bot that ends early sends no inputs; the figures are shares
	}
	if err := b.settle(ctx); err != nil {
		return nil, err
	}
	before, err := server.Look(ctx)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, b.opts.hold()); err != nil {
		return nil, err
	}
	after, err := server.Look(ctx)
	return after.Metrics.Since(before.Metrics), err
}
