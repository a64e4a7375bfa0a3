//go:build linux

package queue

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// crowd is n tickets of a wide spread of skill, as they wait in a large game: most alone,
// some in parties, of three regions.
func crowd(q *sim.Queue, n int, now float64, seed uint64) []*sim.Ticket {
	r := rand.New(rand.NewPCG(seed, seed))
	list := make([]*sim.Ticket, n)
	for i := range list {
		size := 1
		for size < q.MaxParty && r.IntN(4) == 0 {
			size++
		}
		list[i] = &sim.Ticket{ID: fmt.Sprintf("%06d", i), Since: now - 60 + 60*float64(i)/float64(n)}
		home := r.IntN(len(regionNames))
		for m := range size {
			e := sim.Entrant{
				Player:    fmt.Sprint(i, "-", m),
				Skill:     sim.Skill{Mu: 1500 + 350*r.NormFloat64(), Sigma: 40 + 100*r.Float64()},
				Latencies: map[string]float64{"asia": 200, "eu": 150, "us": 160},
			}
			e.Latencies[regionNames[home]] = 20 + 40*r.Float64()
			if len(q.Roles) > 0 && r.IntN(2) == 0 {
				e.Roles = []string{q.Roles[r.IntN(len(q.Roles))].Name}
			}
			list[i].Members = append(list[i].Members, e)
		}
	}
	return list
}

// One round of 100,000 waiting tickets on one core, in queues that make it hard in
// different ways.
func BenchmarkRound100000(b *testing.B) {
	roles := []sim.Role{{Name: "tank", Count: 1}, {Name: "heal", Count: 2}, {Name: "dps", Count: 2}}
	for _, c := range []struct {
		name string
		q    sim.Queue
	}{
		{"duel", sim.Queue{Name: "q", Teams: 2, TeamSize: 1}},
		{"fives", sim.Queue{Name: "q", Teams: 2, TeamSize: 5}},
		{"roles", sim.Queue{Name: "q", Teams: 2, TeamSize: 5, Roles: roles}},
		{"royale", sim.Queue{Name: "q", TeamSize: 100, MaxParty: 4}},
		{"squads", sim.Queue{Name: "q", Teams: 20, TeamSize: 3}},
		{"futile", sim.Queue{Name: "q", Teams: 2, TeamSize: 5, Rules: nobody{}}},
		{"narrow", sim.Queue{Name: "q", Teams: 2, TeamSize: 5, Doubt: -1, Skill: sim.Window{Start: 0.02}}},
		{"even", sim.Queue{Name: "q", Teams: 2, TeamSize: 5, Balance: sim.Window{Start: 2}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := c.q.WithDefaults()
			const now = 1000
			tickets := crowd(&q, 100_000, now, 1)
			var r Result
			before, rounds := cpuTime(b), 0.0
			for b.Loop() {
				rounds++
				r = Match(&q, Input{Tickets: tickets, Regions: regionNames}, now)
			}
			b.ReportMetric((cpuTime(b)-before)*1e3/rounds, "cpu-ms/round") // others may be at work here
			b.ReportMetric(float64(len(r.Matches)), "matches")
			b.ReportMetric(float64(r.Steps), "steps")
		})
	}
}

// nobody fits nobody.
type nobody struct{}

func (nobody) Fits(_, _ *sim.Ticket) bool                 { return false }
func (nobody) Quality(_ *sim.Queue, _ *sim.Match) float64 { return 1 }

// cpuTime is what this process has used of the processor, in seconds.
func cpuTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
