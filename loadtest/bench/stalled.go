//go:build linux

package main

import (
	"cmp"
	"context"
	"strconv"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// stalledSuite puts a whole server under the usual load, with every tenth client reading
// nothing and without, in rounds that take turns: the others must not notice.
func stalledSuite(ctx context.Context, b *bench) error {
	const perRoom, tenth = 50, 10
	clients := max(perRoom, b.opts.clients/2/perRoom*perRoom)
	stalled := clients / tenth
	loads := []load{{name: "all read"}, {name: "10 % stalled", drive: []string{"-stalled", strconv.Itoa(stalled)}}}
	reading := []int{clients, clients - stalled}
	var cost, reach, late, memory [2][]float64
	var invalid [2]string
	for round := range b.opts.rounds {
		for i := range loads {
			l := &loads[i]
			l.game, l.clients, l.perRoom, l.rate = "wander", clients, perRoom, 20
			s, err := b.roomtick(ctx, *l, nil)
			if err != nil {
				return err
			}
			got := float64(s.clients.Frames)
			cost[i] = append(cost[i], float64((s.cpu-s.step).Nanoseconds())/1e3/got)
			reach[i] = append(reach[i], got/(s.elapsed.Seconds()*float64(l.rate*reading[i])))
			late[i] = append(late[i], 1e3*s.added.Quantile("roomtick_tick_lateness_seconds", "", 0.99))
			memory[i] = append(memory[i], s.memory(*l))
			invalid[i] = cmp.Or(invalid[i], s.invalid())
			b.say("round %d of %d, %s: the others' reach %.3f", round+1, b.opts.rounds, l.name, reach[i][round])
		}
	}
	for i, l := range loads {
		b.report.add(figure{What: l.name + ": reach of those who read", Unit: "of the ticks due", Value: stats.Of(reach[i]), Held: "> 0.999", Invalid: invalid[i]})
		b.report.add(figure{What: l.name + ": p99 of the lateness", Unit: "ms", Value: stats.Of(late[i]), Invalid: invalid[i]})
	}
	b.report.add(figure{What: "CPU per snapshot that was read, stalled over not", Unit: "x", Value: stats.Ratios(cost[1], cost[0])})
	more := make([]float64, b.opts.rounds)
	for round := range more {
		more[round] = memory[0][round] + tenth*(memory[1][round]-memory[0][round])
	}
	b.report.add(figure{What: "memory of a stalled client", Unit: "KB", Value: stats.Of(more), Held: "<= 64"})
	return nil
}
