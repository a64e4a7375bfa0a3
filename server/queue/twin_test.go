package queue

import (
	"fmt"
	"math"

	"github.com/roomtick/roomtick/sim"
)

// slack is what floats may be off at the edge of a window.
const slack = 1e-9

// illegal says which rule of q a match breaks. It is written from the rules and shares no
// code with the matcher.
func illegal(q *sim.Queue, m *sim.Match) error {
	var all []*sim.Ticket
	oldest := 0.0
	size := -1
	for _, team := range m.Teams {
		players := 0
		for _, t := range team {
			players += len(t.Members)
			all = append(all, t)
			oldest = max(oldest, m.Now-t.Since)
			if len(t.Members) > q.MaxParty {
				return fmt.Errorf("%s is a party of %d", t.ID, len(t.Members))
			}
		}
		if size >= 0 && players != size {
			return fmt.Errorf("teams of %d and %d", size, players)
		}
		size = players
		if !canTakeRoles(q, team) {
			return fmt.Errorf("a team cannot take its roles")
		}
	}
	switch {
	case len(m.Teams) != q.Teams:
		return fmt.Errorf("%d teams", len(m.Teams))
	case size > q.TeamSize || size < q.MinTeamSize:
		return fmt.Errorf("teams of %d", size)
	case size < q.TeamSize && oldest < q.FillFor:
		return fmt.Errorf("teams of %d after %v s", size, oldest)
	}
	for i, a := range all {
		if !reachable(q, a, m.Region, m.Now) {
			return fmt.Errorf("%s is far from %s", a.ID, m.Region)
		}
		for _, b := range all[i+1:] {
			if err := apart(q, a, b, m.Now); err != nil {
				return err
			}
		}
	}
	if gap := unevenness(m); gap > q.Balance.At(oldest)+slack {
		return fmt.Errorf("teams are %v apart", gap)
	}
	if q.Rules != nil && q.Rules.Quality(q, m) <= 0 {
		return fmt.Errorf("its quality is refused")
	}
	return nil
}

func windowOf(q *sim.Queue, t *sim.Ticket, now float64) float64 {
	return q.Skill.At(now-t.Since) + max(q.Doubt, 0)*t.Skill().Sigma
}

// apart says why two tickets may not meet.
func apart(q *sim.Queue, a, b *sim.Ticket, now float64) error {
	gap := math.Abs(a.Skill().Mu - b.Skill().Mu)
	if gap > windowOf(q, a, now)+slack || gap > windowOf(q, b, now)+slack {
		return fmt.Errorf("%s and %s are %v apart", a.ID, b.ID, gap)
	}
	return meet(q, a, b)
}

// meet says why two tickets may not meet, whatever their skill.
func meet(q *sim.Queue, a, b *sim.Ticket) error {
	if a.ID == b.ID {
		return fmt.Errorf("%s is there twice", a.ID)
	}
	for _, x := range a.Members {
		for _, y := range b.Members {
			for _, id := range x.Avoid {
				if id == y.Player {
					return fmt.Errorf("%s avoids %s", x.Player, id)
				}
			}
			for _, id := range y.Avoid {
				if id == x.Player {
					return fmt.Errorf("%s avoids %s", y.Player, id)
				}
			}
		}
	}
	if q.Rules != nil && !q.Rules.Fits(a, b) {
		return fmt.Errorf("%s and %s do not fit", a.ID, b.ID)
	}
	return nil
}

// reachable reports whether a region is within the latency that every member accepts.
func reachable(q *sim.Queue, t *sim.Ticket, region string, now float64) bool {
	for _, m := range t.Members {
		if len(m.Latencies) == 0 {
			continue
		}
		best := math.Inf(1)
		for _, ms := range m.Latencies {
			best = min(best, ms)
		}
		ms, ok := m.Latencies[region]
		if !ok || ms > max(best, q.Latency.At(now-t.Since)) {
			return false
		}
	}
	return true
}

// canTakeRoles tries every way to give the members of a team roles.
func canTakeRoles(q *sim.Queue, team []*sim.Ticket) bool {
	if len(q.Roles) == 0 {
		return true
	}
	left := make([]int, len(q.Roles))
	for i, r := range q.Roles {
		left[i] = r.Count
	}
	var members []sim.Entrant
	for _, t := range team {
		members = append(members, t.Members...)
	}
	var give func(i int) bool
	give = func(i int) bool {
		if i == len(members) {
			return true
		}
		for r := range left {
			if left[r] > 0 && accepts(&members[i], q.Roles[r].Name) {
				left[r]--
				if give(i + 1) {
					return true
				}
				left[r]++
			}
		}
		return false
	}
	return give(0)
}

func accepts(e *sim.Entrant, role string) bool {
	for _, name := range e.Roles {
		if name == role {
			return true
		}
	}
	return len(e.Roles) == 0
}

// unevenness is the distance between the means of the strongest and the weakest team.
func unevenness(m *sim.Match) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, team := range m.Teams {
		sum, n := 0.0, 0.0
		for _, t := range team {
			for i := range t.Members {
				sum += t.Members[i].Skill.Mu
				n++
			}
		}
		low, high = min(low, sum/n), max(high, sum/n)
	}
	return high - low
}

// anyMatch tries every way to put tickets into teams, and returns one that is legal.
func anyMatch(q *sim.Queue, tickets []*sim.Ticket, regions []string, now float64) *sim.Match {
	for _, region := range regions {
		m := &sim.Match{Region: region, Now: now, Teams: make([][]*sim.Ticket, q.Teams)}
		if assignFrom(q, tickets, m) {
			return m
		}
	}
	return nil
}

func assignFrom(q *sim.Queue, tickets []*sim.Ticket, m *sim.Match) bool {
	if len(tickets) == 0 {
		return illegal(q, m) == nil
	}
	for t := range m.Teams {
		before := m.Teams[t]
		m.Teams[t] = append(before[:len(before):len(before)], tickets[0])
		if assignFrom(q, tickets[1:], m) {
			return true
		}
		m.Teams[t] = before
	}
	return assignFrom(q, tickets[1:], m)
}
