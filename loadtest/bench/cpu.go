//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// comparison is what one load costs, round by round.
type comparison struct {
	load     load
	held     string
	ours     []float64 // us per snapshot, the game aside
	bare     []float64
	bytes    []float64 // per snapshot
	reach    []float64
	cores    []float64 // CPU seconds a second
	gameCore []float64 // of that, the game's
	memory   []float64 // KB a client
	inputs   []float64 // applied, a snapshot
}

// cpuLoads are the usual clients in rooms of several sizes.
func cpuLoads(clients int) []*comparison {
	one := func(players int, game, held string) *comparison {
		rooms := max(1, clients/players)
		return &comparison{held: held, load: load{
			name: fmt.Sprintf("%d x %d", rooms, players), game: game,
			clients: rooms * players, perRoom: players, rate: 20,
		}}
	}
	near := func(players int, game string) *comparison {
		c := one(players, game, "<= 2.2 x bare")
		c.load.name += ", seeing about 50"
		return c
	}
	single := one(200, "wander-200", "")
	single.load.clients, single.load.name = 200, "1 x 200"
	all := []*comparison{
		one(50, "wander", "<= 1.8 x bare"), one(10, "wander-10", ""), single,
		near(200, "wander-near-200"), near(1000, "wander-near-1000"),
	}
	return slices.DeleteFunc(all, func(c *comparison) bool { return c.load.perRoom > clients })
}

// cpuSuite compares the server's CPU per delivered snapshot with the bare cost of the
// same frames, rounds of both taking turns.
func cpuSuite(ctx context.Context, b *bench) error {
	loads := slices.DeleteFunc(cpuLoads(b.opts.clients), func(c *comparison) bool { return !strings.Contains(c.load.name, b.opts.load) })
	if len(loads) == 0 {
		return fmt.Errorf("no load has %q in its name", b.opts.load)
	}
	for round := range b.opts.rounds {
		for i, c := range loads {
			if err := c.round(ctx, b, round == 0 && i == 0); err != nil {
				return err
			}
			last := len(c.ours) - 1
			b.say("round %d of %d, %s: %s us, bare %s us, %s bytes, reach %.3f", round+1, b.opts.rounds, c.load.name,
				stats.Round(c.ours[last]), stats.Round(c.bare[last]), stats.Round(c.bytes[last]), c.reach[last])
		}
	}
	for _, c := range loads {
		c.report(b.report)
	}
	return nil
}

// round measures both servers once.
func (c *comparison) round(ctx context.Context, b *bench, first bool) error {
	var during func(*proc.Server) error
	if first && b.opts.profile != "" {
		during = func(s *proc.Server) error { return profile(ctx, s, b.opts.profile, b.opts.seconds) }
	}
	ours, err := b.roomtick(ctx, c.load, during)
	if err != nil {
		return err
	}
	const header = 4 // of a WebSocket message of 126 to 65,535 bytes
	bare, err := b.bare(ctx, c.load, int(ours.bytesPerFrame())-header)
	if err != nil {
		return err
	}
	c.ours = append(c.ours, ours.perFrame())
	c.bare = append(c.bare, bare.perFrame())
	c.bytes = append(c.bytes, ours.bytesPerFrame())
	c.inputs = append(c.inputs, ours.added[`roomtick_inputs_total{state="applied"}`]/ours.frames)
	c.memory = append(c.memory, ours.memory(c.load))
	c.reach = append(c.reach, ours.reach(c.load))
	c.cores = append(c.cores, ours.cpu.Seconds()/ours.elapsed.Seconds())
	c.gameCore = append(c.gameCore, ours.step.Seconds()/ours.elapsed.Seconds())
	return nil
}

func (c *comparison) report(r *report) {
	line := func(what, unit, held string, value stats.Summary) {
		r.add(figure{What: c.load.name + ": " + what, Unit: unit, Value: value, Held: held})
	}
	line("CPU per snapshot, game aside", "us", "", stats.Of(c.ours))
	line("bare sockets", "us", "", stats.Of(c.bare))
	line("ratio", "x bare", c.held, stats.Ratios(c.ours, c.bare))
	line("memory a client", "KB", "<= 30 KB", stats.Of(c.memory))
	line("bytes per snapshot", "B", "", stats.Of(c.bytes))
	line("reach", "of the ticks due", "> 0.999", stats.Of(c.reach))
	line("inputs applied a snapshot", "", "1", stats.Of(c.inputs))
	line("the server's CPU", "cores", "", stats.Of(c.cores))
	line("of that the game", "cores", "", stats.Of(c.gameCore))
}

// profile writes a CPU profile of the server, which lasts as long as a measurement.
func profile(ctx context.Context, s *proc.Server, file string, seconds float64) error {
	url := fmt.Sprintf("%s/profile?seconds=%d", s.Profiles(), max(1, int(seconds)))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: %s", resp.Status)
	}
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, resp.Body)
	return both(err, to.Close())
}
