package queue

import (
	"math"

	"github.com/roomtick/roomtick/sim"
)

// match is the chosen as a match. It shares nothing with other matches.
func (s *search) match() sim.Match {
	m := sim.Match{Region: s.p.regions[s.region], Now: s.p.now}
	var line []*sim.Ticket
	m.Teams, s.sides = carve(s.sides, len(s.teams))
	line, s.lines = carve(s.lines, len(s.chosen))
	for t := range m.Teams {
		n := 0
		for i := range s.chosen {
			if c := &s.chosen[i]; c.even == t {
				line[n] = s.p.entries[c.entry].ticket
				n++
			}
		}
		m.Teams[t], line = line[:n:n], line[n:]
	}
	return m
}

// allowed asks the queue's own rules about the chosen. They keep nothing of what they are
// asked about, so the next match is cut from where that was.
func (s *search) allowed() bool {
	if s.p.q.Rules == nil {
		return true
	}
	s.asked = s.match()
	s.sides, s.lines = s.sides[:len(s.sides)-len(s.teams)], s.lines[:len(s.lines)-len(s.chosen)]
	return s.p.q.Rules.Quality(s.p.q, &s.asked) > 0
}

// made is the match that was accepted.
func (s *search) made() Made {
	q := s.p.q
	m := Made{Match: s.match(), Fairness: s.fairness()}
	m.Quality = 2 * m.Fairness
	if q.Rules != nil {
		s.asked = m.Match
		m.Quality = q.Rules.Quality(q, &s.asked)
	}
	if s.p.roles.any() {
		m.Roles = s.roles()
	}
	return m
}

// fairness is Queue.Fairness of the chosen, without going to where their tickets are.
func (s *search) fairness() float64 {
	s.skills = s.skills[:0]
	for t := range s.teams {
		var mu, unknown, n float64
		for i := range s.chosen {
			c := &s.chosen[i]
			if c.even != t {
				continue
			}
			e := &s.p.entries[c.entry]
			size := float64(e.size)
			mu, unknown, n = mu+e.skill*size, unknown+e.unknown, n+size
			if len(s.teams) == 1 { // every ticket stands for itself
				s.skills = append(s.skills, sim.Skill{Mu: e.skill, Sigma: math.Sqrt(e.unknown) / size})
			}
		}
		if len(s.teams) > 1 {
			s.skills = append(s.skills, sim.Skill{Mu: mu / n, Sigma: math.Sqrt(unknown) / n})
		}
	}
	return s.p.q.FairnessOf(s.skills)
}

// roles gives everybody of the match a role, by team.
func (s *search) roles() [][]string {
	var teams [][]string
	teams, s.named = carve(s.named, len(s.teams))
	s.cast.counts = s.p.roles.counts
	for t := range teams {
		s.cast.players = s.cast.players[:0]
		for i := range s.chosen {
			if c := &s.chosen[i]; c.even == t {
				s.cast.players = append(s.cast.players, s.p.membersOf(&s.p.entries[c.entry])...)
			}
		}
		teams[t] = s.cast.assign()
	}
	return teams
}

// carved is how many elements are made at once.
const carved = 1024

// carve cuts n elements off what a slice has room for, or off a new one if that is too
// little, so that the many small slices of a result are few objects.
func carve[T any](from []T, n int) (cut, rest []T) {
	at := len(from)
	if cap(from)-at < n {
		from, at = make([]T, 0, max(n, carved)), 0
	}
	return from[at : at+n : at+n], from[:at+n]
}
