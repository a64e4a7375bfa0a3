package queue

import (
	"cmp"
	"math"
	"slices"
)

// balancer puts the tickets of a match into the teams that are the most even.
type balancer struct {
	teams  []team
	order  []int // of the chosen: the hardest to place first
	now    []int // team by place in order
	best   []int
	apart  float64 // the teams' means of best
	enough float64
	steps  int
	cost   int     // of placing one ticket, in steps
	mean   float64 // skill of a player
	size   float64 // players of a team
}

// balance moves the chosen between teams until their means are as near to each other as
// its steps can make them, and returns how far the farthest are apart. Ties keep what was
// found first.
func (s *search) balance() float64 {
	b := &s.even
	b.size, b.mean = float64(s.teamSize()), 0
	low, high := spreadOf(s.teams)
	b.apart = (high - low) / b.size
	if len(s.chosen) == len(s.teams) || len(s.teams) == 1 { // there is no other way
		return b.apart
	}
	for i := range s.teams {
		b.mean += s.teams[i].sum / b.size / float64(len(s.teams))
		b.teams[i].reset(int(b.size))
	}
	b.enough = evenEnough * s.p.q.Scale
	b.order, b.best = b.order[:0], b.best[:0]
	for i := range s.chosen {
		b.order = append(b.order, i)
	}
	slices.SortStableFunc(b.order, func(i, j int) int { return cmp.Compare(s.weight(j), s.weight(i)) })
	for _, i := range b.order {
		b.best = append(b.best, s.chosen[i].team)
	}
	b.now = append(b.now[:0], b.best...)
	b.cost = 1 + len(s.teams)/4 // to look for the neediest of many takes longer
	b.steps = max(balanceSteps, 2*b.cost*len(b.order))
	given := b.steps
	s.spread(0)
	s.left -= given - b.steps
	for at, i := range b.order {
		s.chosen[i].even = b.best[at]
	}
	return b.apart
}

// weight orders tickets by how hard they are to place: large parties, then skills far from
// the mean.
func (s *search) weight(i int) float64 {
	e := &s.p.entries[s.chosen[i].entry]
	return float64(e.size)*1e9 + math.Abs(e.skill-s.even.mean)
}

// spread places order[at:], each first into the team that needs it most.
func (s *search) spread(at int) {
	b := &s.even
	if at == len(b.order) {
		b.keep()
		return
	}
	e := &s.p.entries[s.chosen[b.order[at]].entry]
	who := s.p.membersOf(e)
	var tried uint64 // teams; there are at most 64
	emptied := false
	for range b.teams {
		t := b.neediest(tried, e.skill >= b.mean)
		tried |= 1 << t
		fresh := b.teams[t].held == 0
		if fresh && emptied || !b.teams[t].add(e, who) {
			continue
		}
		emptied = emptied || fresh
		b.steps -= b.cost
		b.now[at] = t
		s.spread(at + 1)
		b.teams[t].remove(e, who)
		if b.steps <= 0 || b.apart <= b.enough {
			return
		}
	}
}

// neediest is the team, of those not tried, that is the weakest, or the strongest.
func (b *balancer) neediest(tried uint64, weakest bool) int {
	best, found := 0, math.Inf(1)
	for t := range b.teams {
		lead := b.teams[t].sum - b.mean*(b.size-float64(b.teams[t].free))
		if !weakest {
			lead = -lead
		}
		if tried&(1<<t) == 0 && lead < found {
			best, found = t, lead
		}
	}
	return best
}

// keep remembers a complete assignment if it is the most even so far.
func (b *balancer) keep() {
	low, high := spreadOf(b.teams)
	if apart := (high - low) / b.size; apart < b.apart {
		b.apart = apart
		b.best = append(b.best[:0], b.now...)
	}
}

// spreadOf is the sums of the skills of the weakest and the strongest team.
func spreadOf(teams []team) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range teams {
		low, high = min(low, teams[i].sum), max(high, teams[i].sum)
	}
	return low, high
}
