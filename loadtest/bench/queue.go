//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
	"github.com/roomtick/roomtick/server/queue"
	"github.com/roomtick/roomtick/sim"
)

const (
	roundTickets = 100_000
	roundNow     = 1000 // seconds on the matcher's clock
)

// roundQueues are queues whose matches are found in different ways.
func roundQueues() []sim.Queue {
	return []sim.Queue{
		{Name: "duel", Teams: 2, TeamSize: 1},
		{Name: "five against five", Teams: 2, TeamSize: 5},
		{Name: "five against five with roles", Teams: 2, TeamSize: 5, Roles: []sim.Role{
			{Name: "tank", Count: 1}, {Name: "heal", Count: 2}, {Name: "damage", Count: 2},
		}},
		{Name: "a hundred, each alone or in fours", TeamSize: 100, MaxParty: 4},
	}
}

// queueSuite matches many tickets that wait at once, on one core.
func queueSuite(_ context.Context, b *bench) error {
	for _, q := range roundQueues() {
		q = q.WithDefaults()
		tickets := crowd(&q, rand.New(rand.NewPCG(1, 2)))
		var spent, share []float64
		for range b.opts.rounds {
			ms, placed := oneRound(&q, tickets)
			spent, share = append(spent, ms), append(share, placed)
		}
		b.say("%s: %s ms", q.Name, stats.Of(spent))
		b.report.add(figure{What: fmt.Sprintf("a round of %d tickets, %s", roundTickets, q.Name), Unit: "ms of one core", Value: stats.Of(spent), Held: "<= 200"})
		b.report.add(figure{What: q.Name + ": tickets matched in it", Unit: "of all", Value: stats.Of(share)})
	}
	return nil
}

// oneRound returns what a round costs, and the share of the tickets that it places. It
// counts the thread that matches: memory is given back on others, as on a server, which
// has them.
func oneRound(q *sim.Queue, tickets []*sim.Ticket) (ms, placed float64) {
	runtime.GC() // what the last round left is not this one's
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	made := queue.Match(q, queue.Input{Tickets: tickets, Regions: []string{"asia", "eu", "us"}}, roundNow)
	ms = 1e3 * (threadTime() - before)
	n := 0
	for i := range made.Matches {
		for _, team := range made.Matches[i].Teams {
			n += len(team)
		}
	}
	return ms, float64(n) / float64(len(tickets))
}

// threadTime is what this thread has used of the processor, in seconds.
func threadTime() float64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return float64(t.Nano()) / 1e9
}

// crowd is tickets of a wide spread of skill as they wait in a large game, for up to a
// minute: most alone, some in parties, at home in three regions.
func crowd(q *sim.Queue, r *rand.Rand) []*sim.Ticket {
	regions := []string{"asia", "eu", "us"}
	list := make([]*sim.Ticket, roundTickets)
	for i := range list {
		size := 1
		for size < q.MaxParty && r.IntN(4) == 0 {
			size++
		}
		t := &sim.Ticket{ID: fmt.Sprintf("%06d", i), Since: roundNow - 60 + 60*float64(i)/roundTickets}
		home := regions[r.IntN(len(regions))]
		for m := range size {
			e := sim.Entrant{
				Player:    fmt.Sprint(i, "-", m),
				Skill:     sim.Skill{Mu: 1500 + 350*r.NormFloat64(), Sigma: 40 + 100*r.Float64()},
				Latencies: map[string]float64{"asia": 200, "eu": 150, "us": 160},
			}
			e.Latencies[home] = 20 + 40*r.Float64()
			if len(q.Roles) > 0 && r.IntN(2) == 0 {
				e.Roles = []string{q.Roles[r.IntN(len(q.Roles))].Name}
			}
			t.Members = append(t.Members, e)
		}
		list[i] = t
	}
	return list
}
