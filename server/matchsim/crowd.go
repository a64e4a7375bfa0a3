// Package matchsim plays a crowd against the rules of a queue: how long people would wait,
// and how even their matches would be, before anybody does. Main is a studio's whole
// command; the simulation is a function of its options and always gives the same report.
package matchsim

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/roomtick/roomtick/sim"
)

// Options is the crowd. What is zero has a default.
type Options struct {
	Rate     float64   `json:"rate"`     // players a second; 0 is 2
	Seconds  float64   `json:"seconds"`  // that they keep coming; 0 is 1800
	Seed     uint64    `json:"seed"`     // of the random numbers
	Mean     float64   `json:"mean"`     // of the skills; 0 is the queue's Newcomer.Mu
	Spread   float64   `json:"spread"`   // their standard deviation; 0 is the queue's Scale
	Known    float64   `json:"known"`    // how uncertain a regular's skill is; 0 is a sixth of the spread
	Fresh    float64   `json:"fresh"`    // share of newcomers; less than 0 is none, 0 is 0.1
	Patience float64   `json:"patience"` // mean seconds until somebody gives up; 0: nobody does
	Parties  []float64 `json:"parties"`  // how often tickets of 1, 2, ... players are; empty is 70, 20, 10
	Regions  []Region  `json:"regions"`  // empty: nobody measures latencies
	Picky    float64   `json:"picky"`    // share of players who accept one role only; 0 is 0.5
}

// Region is where a share of the players live.
type Region struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// Latencies of players to their own region and to others, in milliseconds.
const (
	homeLatency = 15
	homeSpread  = 45
	overSea     = 90
	overSpread  = 110
)

func (o Options) withDefaults(q *sim.Queue) Options {
	set := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
	}
	set(&o.Rate, 2)
	set(&o.Seconds, 1800)
	set(&o.Mean, q.Newcomer.Mu)
	set(&o.Spread, q.Scale)
	set(&o.Known, o.Spread/6)
	set(&o.Fresh, 0.1)
	set(&o.Picky, 0.5)
	if len(o.Parties) == 0 {
		o.Parties = []float64{70, 20, 10}
	}
	o.Parties = o.Parties[:min(len(o.Parties), q.MaxParty)]
	return o
}

// crowd makes tickets.
type crowd struct {
	q     *sim.Queue
	o     Options
	r     *rand.Rand
	made  int
	truth map[string]float64 // the skill that a player has, whatever is believed
	quits map[string]float64 // when a ticket gives up
}

func newCrowd(q *sim.Queue, o Options) *crowd {
	return &crowd{q: q, o: o, r: rand.New(rand.NewPCG(o.Seed, 1)), truth: make(map[string]float64), quits: make(map[string]float64)}
}

// size is the mean number of players of a ticket.
func (c *crowd) size() float64 {
	sum, weight := 0.0, 0.0
	for i, w := range c.o.Parties {
		sum += float64(i+1) * w
		weight += w
	}
	return sum / weight
}

// pick draws an index by weight.
func (c *crowd) pick(n int, weight func(i int) float64) int {
	total := 0.0
	for i := range n {
		total += weight(i)
	}
	at := c.r.Float64() * total
	for i := range n {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return n - 1
}

// ticket makes one that comes at since. Friends are about as good as each other.
func (c *crowd) ticket(since float64) *sim.Ticket {
	t := &sim.Ticket{ID: fmt.Sprintf("t%07d", c.made), Since: since}
	c.made++
	size := 1 + c.pick(len(c.o.Parties), func(i int) float64 { return c.o.Parties[i] })
	centre := c.o.Mean + c.o.Spread*c.r.NormFloat64()
	home := -1
	if len(c.o.Regions) > 0 {
		home = c.pick(len(c.o.Regions), func(i int) float64 { return c.o.Regions[i].Share })
	}
	for i := range size {
		truth := centre
		if size > 1 {
			truth += c.o.Spread / 4 * c.r.NormFloat64()
		}
		e := sim.Entrant{Player: fmt.Sprintf("%s-%d", t.ID, i), Skill: c.q.Newcomer}
		if c.r.Float64() >= c.o.Fresh {
			e.Skill = sim.Skill{Mu: truth + c.o.Known*c.r.NormFloat64(), Sigma: c.o.Known}
		}
		e.Latencies = c.latencies(home)
		if len(c.q.Roles) > 0 && c.r.Float64() < c.o.Picky {
			e.Roles = []string{c.q.Roles[c.r.IntN(len(c.q.Roles))].Name}
		}
		c.truth[e.Player] = truth
		t.Members = append(t.Members, e)
	}
	c.quits[t.ID] = since + c.q.Life
	if c.o.Patience > 0 {
		c.quits[t.ID] = min(c.quits[t.ID], since+c.o.Patience*c.r.ExpFloat64())
	}
	return t
}

func (c *crowd) latencies(home int) map[string]float64 {
	if home < 0 {
		return nil
	}
	all := make(map[string]float64, len(c.o.Regions))
	for i, region := range c.o.Regions {
		all[region.Name] = math.Round(overSea + overSpread*c.r.Float64())
		if i == home {
			all[region.Name] = math.Round(homeLatency + homeSpread*c.r.Float64())
		}
	}
	return all
}

// fairness is the chance of the weakest team against the strongest, by the skills that the
// players have: what they would notice.
func (c *crowd) fairness(m *sim.Match) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	note := func(tickets ...*sim.Ticket) {
		sum, n := 0.0, 0.0
		for _, t := range tickets {
			for i := range t.Members {
				sum += c.truth[t.Members[i].Player]
				n++
			}
		}
		low, high = min(low, sum/n), max(high, sum/n)
	}
	for _, team := range m.Teams {
		if len(m.Teams) > 1 {
			note(team...)
			continue
		}
		for _, t := range team {
			note(t)
		}
	}
	return 1 / (1 + math.Pow(10, (high-low)/c.q.Scale))
}
