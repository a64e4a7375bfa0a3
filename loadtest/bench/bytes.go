//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/wander"
)

const (
	// watchers decode and count what they see; each of them sees all 50 movers.
	watchers = 50
	// entropyTicks of 50 movers give a thousand times more samples than a column has
	// values.
	entropyTicks = 2000
	// webSocketHead is the header of a message of 126 to 65,535 bytes.
	webSocketHead = 4
)

// bytesSuite lets real bots decode a room of 50 and counts what an update has cost.
func bytesSuite(ctx context.Context, b *bench) error {
	var rounds []seen
	for round := range b.fewRounds() {
		server, err := b.serve(ctx)
		if err != nil {
			return err
		}
		s, err := b.watch(ctx, server.URL)
		if err := errors.Join(err, server.Stop()); err != nil {
			return err
		}
		rounds = append(rounds, s)
		b.say("round %d of %d: %s bytes an update", round+1, b.fewRounds(), stats.Round(s.bytes/s.updates))
	}
	total, columns, err := entropy()
	if err != nil {
		return err
	}
	b.reportBytes(rounds, total)
	bits := rounds[len(rounds)-1].bits
	for _, name := range slices.Sorted(maps.Keys(bits)) {
		held := ""
		if e, ok := columns[name]; ok {
			held = fmt.Sprintf("entropy %.2f", e)
		}
		b.report.add(figure{What: "bits an update, " + name, Unit: "bit", Value: stats.Of([]float64{bits[name]}), Held: held})
	}
	return nil
}

// reportBytes sets what the rounds cost beside the entropy.
func (b *bench) reportBytes(rounds []seen, entropy float64) {
	var all, aside, updates []float64
	fixed := float64(envelope() + webSocketHead)
	for _, s := range rounds {
		all = append(all, s.bytes/s.updates)
		aside = append(aside, (s.bytes-s.frames*fixed)/s.updates/entropy)
		updates = append(updates, s.updates/s.frames)
	}
	line := func(what, unit, held string, values ...float64) {
		b.report.add(figure{What: what, Unit: unit, Value: stats.Of(values), Held: held})
	}
	line("wander, 50 in view: bytes an update, everything counted", "B", "<= 3", all...)
	line("entropy of what is new in an update", "B", "", entropy)
	line("envelope of a snapshot, WebSocket header included", "B", "<= 52", fixed)
	line("bytes an update without it, over the entropy", "x", "<= 1.25", aside...)
	line("updates a snapshot", "", "", updates...)
}

// seen is what the watchers of a room counted together.
type seen struct {
	bytes, updates, frames float64
	bits                   map[string]float64 // an update, by column; over the whole run
}

// watch has a full room decoded for a while, keyframes and welcomes left out.
func (b *bench) watch(ctx context.Context, url string) (seen, error) {
	playing, stop := context.WithCancel(ctx)
	defer stop()
	var bots []*client.Bot
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for range watchers {
		bot, err := client.Join(playing, client.Options{URL: url, Game: "wander"})
		if err != nil {
			return seen{}, err
		}
		bots = append(bots, bot)
		running.Go(func() { _ = bot.Run(playing) }) // faults are counted
	}
	if err := b.settle(ctx); err != nil {
		return seen{}, err
	}
	before := add(bots)
	err := wait(ctx, b.opts.hold())
	if err != nil {
		return seen{}, err
	}
	after := add(bots)
	stop()
	running.Wait()
	if after.bits, err = bitsPerUpdate(bots); err != nil {
		return seen{}, err
	}
	after.bytes -= before.bytes
	after.updates -= before.updates
	after.frames -= before.frames
	if after.updates < 1 {
		return seen{}, errors.New("nothing moved")
	}
	return after, nil
}

// bitsPerUpdate is what the deltas of a whole run were made of. It fails if a bot found
// anything wrong with them.
func bitsPerUpdate(bots []*client.Bot) (map[string]float64, error) {
	bits := make(map[string]float64)
	var updates float64
	for _, b := range bots {
		r := b.Result()
		for _, f := range client.Faults() {
			if n := r.Counts.Faults[f]; n > 0 {
				return nil, fmt.Errorf("%d faults of kind %s: %v", n, f, r.Notes)
			}
		}
		for name, n := range r.Delta.Overhead {
			bits[name] += float64(n)
		}
		for table, fields := range r.Delta.Tables {
			for field, n := range fields {
				bits[table+"."+field] += float64(n)
			}
		}
		updates += float64(b.Counters.Updates.Load())
	}
	for name := range bits {
		bits[name] /= updates
	}
	return bits, nil
}

func add(bots []*client.Bot) seen {
	var s seen
	for _, b := range bots {
		s.bytes += float64(b.Counters.TCPIn.Load())
		s.updates += float64(b.Counters.Updates.Load())
		s.frames += float64(b.Counters.Received.Load())
	}
	return s
}

// entropy runs the same game here and returns the entropy of what is new in a mover: in
// bytes together, and in bits by column, named as the bots name them.
func entropy() (float64, map[string]float64, error) {
	game, err := wander.Game("wander").New(1, nil)
	if err != nil {
		return 0, nil, err
	}
	for seat := range sim.Seat(watchers) {
		game.Join(sim.PlayerInfo{Seat: seat})
	}
	var counts [len(wander.Innovation{})]stats.Counts
	for c := range counts {
		counts[c] = make(stats.Counts)
	}
	for range entropyTicks {
		game.Step()
		for n := range wander.Innovations(game.Game()) {
			for c, v := range n {
				counts[c][v]++
			}
		}
	}
	columns := make(map[string]float64)
	var bits float64
	for c, name := range wander.Columns() {
		columns["movers."+name] = counts[c].Entropy()
		bits += counts[c].Entropy()
	}
	return bits / 8, columns, nil
}

// envelope is by how much a snapshot is longer than its deltas.
func envelope() int {
	deltas := make([]byte, 160)
	return len(schema.NewBuilder(256).SnapshotFrame(&schema.SnapshotHead{Tick: 1}, deltas)) - len(deltas)
}
