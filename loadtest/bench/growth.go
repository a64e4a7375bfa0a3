//go:build linux

package main

import (
	"context"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// growthSuite compares what a client costs in a small and in a large room, each of them
// seeing about 50 others.
func growthSuite(ctx context.Context, b *bench) error {
	small := load{name: "200 in one room", game: "wander-near-200", clients: 200, perRoom: 200, rate: 20}
	large := load{name: "2,000 in one room", game: "wander-near-2000", clients: 2000, perRoom: 2000, rate: 20}
	costs := make(map[string][]float64)
	reach := make(map[string][]float64)
	for round := range b.opts.rounds {
		for _, l := range []load{small, large} {
			s, err := b.roomtick(ctx, l, nil)
			if err != nil {
				return err
			}
			costs[l.name] = append(costs[l.name], s.perFrame())
			reach[l.name] = append(reach[l.name], s.reach(l))
			b.say("round %d of %d, %s: %s us, reach %.3f", round+1, b.opts.rounds, l.name, stats.Round(s.perFrame()), s.reach(l))
		}
	}
	for _, l := range []load{small, large} {
		b.report.add(figure{What: l.name + ": CPU per snapshot, game aside", Unit: "us", Value: stats.Of(costs[l.name])})
		b.report.add(figure{What: l.name + ": reach", Unit: "of the ticks due", Value: stats.Of(reach[l.name])})
	}
	b.report.add(figure{What: "2,000 over 200", Unit: "x", Value: stats.Ratios(costs[large.name], costs[small.name]), Held: "<= 1.2"})
	return nil
}
