//go:build linux

package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

var errNoProfile = errors.New("there is no default.pgo; make pgo records one")

// pgoSuite compares the server as it is compiled, with the profile of the repository, and
// without, under the usual load in turns.
func pgoSuite(ctx context.Context, b *bench) error {
	if !isThere(filepath.Join(b.root, "default.pgo")) {
		return errNoProfile
	}
	plain := *b
	plain.server = filepath.Join(b.dir, "server-without-profile")
	if err := b.build(ctx, plain.server, "./examples/wander"); err != nil {
		return err
	}
	l := cpuLoads(b.opts.clients)[0].load
	var cost [2][]float64
	for round := range b.opts.rounds {
		for i, build := range []*bench{b, &plain} {
			s, err := build.roomtick(ctx, l, nil)
			if err != nil {
				return err
			}
			cost[i] = append(cost[i], s.perFrame())
		}
		b.say("round %d of %d, %s: %s us, without the profile %s us", round+1, b.opts.rounds, l.name,
			stats.Round(cost[0][round]), stats.Round(cost[1][round]))
	}
	b.report.add(figure{What: l.name + ": CPU per snapshot, compiled with the profile over without", Unit: "x", Value: stats.Ratios(cost[0], cost[1]), Held: "< 1"})
	return nil
}
