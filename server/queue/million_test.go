package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// A million tickets come, wait, and are matched or give up, in queues of four kinds. Every
// match and every fill is checked against every rule by the twin's rules.
func TestNoRuleIsBrokenOverAMillionTickets(t *testing.T) {
	const aRound = 5000
	perQueue := 250_000
	if underRace { // which has nothing to find in one goroutine
		perQueue = 10_000
	}
	roles := []sim.Role{{Name: "tank", Count: 1}, {Name: "heal", Count: 2}, {Name: "dps", Count: 2}}
	tickets, matches, filled := 0, 0, 0
	for i, q := range []sim.Queue{
		{Name: "duel", Teams: 2, TeamSize: 1, Balance: sim.Window{Start: 40, Grow: 2}, Rules: sameMap{}},
		{Name: "fives", Teams: 2, TeamSize: 5},
		{Name: "roles", Teams: 2, TeamSize: 5, Roles: roles, Skill: sim.Window{Start: 50, Grow: 5, Max: 300}},
		{Name: "royale", TeamSize: 40, MaxParty: 4, MinTeamSize: 10, FillFor: 20},
	} {
		q := q.WithDefaults()
		r := rand.New(rand.NewPCG(7, uint64(i)))
		w := waiting{q: &q, seen: make(map[string]bool)}
		for now := 0.0; w.came < perQueue; now++ {
			w.arrive(r, aRound, now)
			result := Match(&q, Input{Tickets: w.tickets, Regions: regionNames, Backfills: w.backfills(r, now)}, now)
			matches += len(result.Matches)
			for _, m := range result.Matches {
				if err := illegal(&q, &m.Match); err != nil {
					t.Fatalf("%s at %v: %v", q.Name, now, err)
				}
				checkRoles(t, &q, &m)
				checkFairness(t, &q, &m)
			}
			for _, f := range result.Fills {
				filled += len(f.Placed)
				checkFill(t, &q, f, now)
			}
			w.leave(t, result, now)
		}
		tickets += w.came
	}
	t.Logf("%d tickets, %d matches, %d placed in running rooms", tickets, matches, filled)
	if matches < tickets/20 || filled < tickets/100 {
		t.Errorf("%d matches and %d fills are too few to prove anything", matches, filled)
	}
}

// waiting is who waits in a queue.
type waiting struct {
	q       *sim.Queue
	came    int
	tickets []*sim.Ticket
	seen    map[string]bool // tickets that were matched
}

// arrive adds n tickets of the second before now. Some avoid somebody who came just before.
func (w *waiting) arrive(r *rand.Rand, n int, now float64) {
	for _, t := range crowd(w.q, n, now, r.Uint64()) {
		t.ID = fmt.Sprint(w.came)
		w.came++
		t.Since = now - r.Float64()
		for m := range t.Members {
			t.Members[m].Player = fmt.Sprint(t.ID, "-", m)
			t.Members[m].Properties = map[string]any{"map": r.IntN(2)}
			if r.IntN(10) == 0 {
				t.Members[m].Avoid = []string{fmt.Sprint(w.came-1-r.IntN(50), "-0")}
			}
		}
		w.tickets = append(w.tickets, t)
	}
}

// backfills asks for players in a few rooms.
func (w *waiting) backfills(r *rand.Rand, now float64) []*Backfill {
	var list []*Backfill
	for i := range 20 {
		there := solo("there", 0, 1500+300*r.NormFloat64())
		b := &Backfill{Room: fmt.Sprint("room", i), Region: regionNames[r.IntN(3)], Since: now - 10*r.Float64(), There: there}
		for range w.q.Teams {
			o := Opening{Seats: r.IntN(w.q.TeamSize + 1)}
			for seat := range o.Seats {
				if len(w.q.Roles) > 0 {
					o.Roles = append(o.Roles, w.q.Roles[seat%len(w.q.Roles)].Name)
				}
			}
			b.Teams = append(b.Teams, o)
		}
		list = append(list, b)
	}
	return list
}

// leave removes who was matched, none of them twice, and who waited for two minutes.
func (w *waiting) leave(t *testing.T, result Result, now float64) {
	t.Helper()
	gone := func(ticket *sim.Ticket) {
		if w.seen[ticket.ID] {
			t.Fatalf("%s was matched twice", ticket.ID)
		}
		w.seen[ticket.ID] = true
	}
	for _, m := range result.Matches {
		for _, team := range m.Teams {
			for _, ticket := range team {
				gone(ticket)
			}
		}
	}
	for _, f := range result.Fills {
		for _, p := range f.Placed {
			gone(p.Ticket)
		}
	}
	var left []*sim.Ticket
	for _, ticket := range w.tickets {
		if !w.seen[ticket.ID] && now-ticket.Since < 120 {
			left = append(left, ticket)
		}
	}
	w.tickets = left
}

// checkFill fails if a room was given whom it does not suit.
func checkFill(t *testing.T, q *sim.Queue, f Fill, now float64) {
	t.Helper()
	there := &sim.Ticket{ID: "there", Since: f.Since, Members: f.There.Members}
	for i, p := range f.Placed {
		if !reachable(q, p.Ticket, f.Region, now) {
			t.Fatalf("%s is far from %s", p.Ticket.ID, f.Region)
		}
		if err := apart(q, there, p.Ticket, now); err != nil {
			t.Fatal(err)
		}
		for _, other := range f.Placed[i+1:] {
			if err := meet(q, p.Ticket, other.Ticket); err != nil {
				t.Fatal(err)
			}
		}
	}
	for team, o := range f.Teams {
		seats := 0
		roles := make(map[string]int)
		for _, name := range o.Roles {
			roles[name]++
		}
		for _, p := range f.Placed {
			if p.Team != team {
				continue
			}
			seats += len(p.Ticket.Members)
			for i, name := range p.Roles {
				roles[name]--
				if roles[name] < 0 || !accepts(&p.Ticket.Members[i], name) {
					t.Fatalf("%s was made %q of %v", p.Ticket.ID, name, o.Roles)
				}
			}
		}
		if seats > o.Seats {
			t.Fatalf("%d players for %d seats", seats, o.Seats)
		}
	}
}
