//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
	"github.com/roomtick/roomtick/sim/wander"
)

const (
	toilRooms   = 10
	toilPerRoom = 50
	tickSeconds = 0.05
)

// latenessSuite keeps the machine's cores busy by shares with the work of games, and
// reads the server's own histogram of how late its ticks began.
func latenessSuite(ctx context.Context, b *bench) error {
	speed := burnSpeed()
	b.say("%.0f rounds of work a microsecond", speed/1e6)
	shares := []struct {
		share   float64
		stalled int
		held    string
	}{{0.3, 0, ""}, {0.7, 0, "<= 1.5 ms"}, {0.7, toilRooms * toilPerRoom / 100, "as without"}, {1, 0, ""}}
	p50, p99 := make([][]float64, len(shares)), make([][]float64, len(shares))
	lost, invalid := make([][]float64, len(shares)), make([]string, len(shares))
	for round := range b.fewRounds() {
		for i, s := range shares {
			l := toilLoad(s.share, s.stalled, speed)
			got, err := b.calmest(ctx, l, nil)
			if err != nil {
				return err
			}
			const name = "roomtick_tick_lateness_seconds"
			p50[i] = append(p50[i], 1e3*got.added.Quantile(name, "", 0.5))
			p99[i] = append(p99[i], 1e3*got.added.Quantile(name, "", 0.99))
			lost[i] = append(lost[i], got.added["roomtick_ticks_skipped_total"])
			invalid[i] = cmp.Or(invalid[i], got.invalid())
			b.say("round %d of %d, %s: p99 %.2f ms", round+1, b.fewRounds(), l.name, 1e3*got.added.Quantile(name, "", 0.99))
		}
	}
	for i, s := range shares {
		name := toilLoad(s.share, s.stalled, speed).name
		line := func(what, unit, held string, values []float64) {
			b.report.add(figure{What: name + ": " + what, Unit: unit, Value: stats.Of(values), Held: held, Invalid: invalid[i]})
		}
		line("p50 of the lateness", "ms", "", p50[i])
		line("p99", "ms", s.held, p99[i])
		line("ticks given up", "", "", lost[i])
	}
	return nil
}

// toilLoad has the players of ten rooms ask for as much work as keeps a share of all
// cores busy.
func toilLoad(share float64, stalled int, speed float64) load {
	seconds := share * tickSeconds * float64(runtime.NumCPU()) / toilRooms // of work in a tick
	rounds := uint32(seconds * speed / toilPerRoom)
	l := load{
		name: fmt.Sprintf("%.0f %% busy", 100*share), game: "toil",
		clients: toilRooms * toilPerRoom, perRoom: toilPerRoom, rate: 20,
		drive: []string{"-input", hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, rounds)), "-stalled", strconv.Itoa(stalled)},
	}
	if stalled > 0 {
		l.name += ", 1 % of the readers stalled"
	}
	return l
}

// burnSpeed measures how many rounds of work this machine does in a second, at its best:
// a slower moment would make the load lighter than it says.
func burnSpeed() float64 {
	const rounds = 2_000_000
	best := 0.0
	state := uint32(1)
	for range 20 {
		start := time.Now()
		state = wander.Burn(state, rounds)
		best = max(best, rounds/time.Since(start).Seconds())
	}
	if state == 0 { // never: the state must be used, or there is no work
		return 1
	}
	return best
}
