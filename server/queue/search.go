package queue

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// search finds the matches of a round, one anchor after the other. Its slices are used
// again for every anchor.
type search struct {
	p     *pool
	share int // steps of an anchor
	left  int // of them
	taken int // in the round

	cands   []int32 // entries that may be in the match, the anchor first, then by distance
	rest    []int32 // players in cands[i:]
	offers  []int32 // players in cands[:counted], by the roles they accept
	counted int
	regions []int // of the anchor, the nearest first

	teams  []team
	chosen []pick
	need   int32 // seats that are free in all teams
	reach  reach
	even   balancer
	region int // where the match would be
	cast   casting
	skills []sim.Skill // of the teams
	asked  sim.Match   // what the queue's rules are shown

	// What results are cut from.
	sides [][]*sim.Ticket
	lines []*sim.Ticket
	named [][]string
}

// pick is a ticket in a team: the one it was first put into, and the one that makes the
// match even.
type pick struct {
	entry      int32
	team, even int
}

// reach is what the skills chosen so far leave to others.
type reach struct {
	low, high   float64 // every one of them takes skills between
	least, most float64 // they are between
}

// with is the reach when e is chosen, too.
func (r reach) with(e *entry) reach {
	return reach{
		low: max(r.low, e.skill-e.window), high: min(r.high, e.skill+e.window),
		least: min(r.least, e.skill), most: max(r.most, e.skill),
	}
}

func (r reach) admits(e *entry) bool {
	return e.skill >= r.low && e.skill <= r.high && r.least >= e.skill-e.window && r.most <= e.skill+e.window
}

func newSearch(p *pool, tickets int) *search {
	full := p.q.Teams * p.q.TeamSize
	s := &search{p: p, share: max(leastShare+4*full, roundWork/max(tickets, 1))}
	s.teams = newTeams(p)
	s.even.teams = newTeams(p)
	s.cast = casting{book: &p.roles}
	s.offers = make([]int32, 1<<len(p.roles.roles))
	return s
}

func newTeams(p *pool) []team {
	teams := make([]team, p.q.Teams)
	for i := range teams {
		if p.roles.any() {
			teams[i].caps, teams[i].only = p.roles.caps, make([]int16, len(p.roles.caps))
		}
	}
	return teams
}

// anchored makes a match around a ticket, and takes its tickets out of the pool.
func (s *search) anchored(anchor int32) (Made, bool) {
	s.orderRegions(anchor)
	s.left = 0
	for _, r := range s.regions {
		quota := s.share / len(s.regions)
		s.left += quota
		s.taken += quota
		made, ok := s.in(r, anchor)
		if ok {
			s.taken -= s.left
			for _, c := range s.chosen {
				s.p.remove(c.entry)
			}
			return made, true
		}
	}
	s.taken -= s.left
	return Made{}, false
}

// orderRegions finds the regions near enough to a ticket, the nearest first.
func (s *search) orderRegions(anchor int32) {
	s.regions = s.regions[:0]
	near := s.p.entries[anchor].near
	for r := range s.p.hosting {
		if near&(1<<r) == 0 {
			continue
		}
		s.regions = append(s.regions, r)
		ms := s.p.spot(anchor, r).ms
		for i := len(s.regions) - 1; i > 0 && ms < s.p.spot(anchor, s.regions[i-1]).ms; i-- {
			s.regions[i], s.regions[i-1] = s.regions[i-1], s.regions[i]
		}
	}
}

// in searches a region: full teams among the nearest, then among more of them, and smaller
// teams if that fails.
func (s *search) in(region int, anchor int32) (Made, bool) {
	q := s.p.q
	w := s.p.walkFrom(region, anchor)
	s.region = region
	steps := s.left / 2 // the other half fills the teams
	s.left -= steps
	s.cands = append(s.cands[:0], anchor)
	clear(s.offers)
	s.counted = 0
	players, full := s.p.entries[anchor].size, int32(q.Teams*q.TeamSize)
	for goal := 2 * full; ; goal *= 2 {
		players = s.gather(&w, &steps, players, goal)
		if players >= full && s.try(q.TeamSize) {
			s.left += steps
			return s.made(), true
		}
		if w.over || steps <= 0 {
			break
		}
	}
	s.left += steps
	for size := q.TeamSize - 1; size >= q.MinTeamSize; size-- {
		if int(players) >= q.Teams*size && s.try(size) {
			return s.made(), true
		}
	}
	return Made{}, false
}

// gather adds candidates until they are goal players, or there are no more.
func (s *search) gather(w *walk, steps *int, players, goal int32) int32 {
	for players < goal {
		i, ok := w.next(steps)
		if !ok {
			break
		}
		e := &s.p.entries[i]
		if s.p.q.Rules != nil {
			*steps -= askSteps
		}
		if s.p.pairs && !s.p.fit(&s.p.entries[s.cands[0]], e) {
			continue
		}
		s.cands = append(s.cands, i)
		players += e.size
	}
	return players
}

// try fills teams of a size from the candidates, the anchor among them.
func (s *search) try(size int) bool {
	q := s.p.q
	anchor := &s.p.entries[s.cands[0]]
	if size < q.TeamSize && s.longest() < q.FillFor {
		return false
	}
	for i := range s.teams {
		s.teams[i].reset(size)
	}
	if !s.rolesFilled() || !s.teams[0].add(anchor, s.p.membersOf(anchor)) {
		return false
	}
	s.rest = slices.Grow(s.rest[:0], len(s.cands)+1)[:len(s.cands)+1]
	s.rest[len(s.cands)] = 0
	for i := len(s.cands) - 1; i >= 0; i-- {
		s.rest[i] = s.rest[i+1] + s.p.entries[s.cands[i]].size
	}
	s.chosen = append(s.chosen[:0], pick{entry: s.cands[0]})
	s.need = int32(q.Teams*size) - anchor.size
	s.reach = reach{low: anchor.skill - anchor.window, high: anchor.skill + anchor.window, least: anchor.skill, most: anchor.skill}
	return s.fill(1)
}

// longest is how long the oldest candidate has waited.
func (s *search) longest() float64 {
	waited := 0.0
	for _, c := range s.cands {
		waited = max(waited, s.p.entries[c].waited)
	}
	return waited
}

// rolesFilled reports whether enough candidates accept each role; else filling the teams
// with everybody else would take all steps.
func (s *search) rolesFilled() bool {
	if !s.p.roles.any() {
		return true
	}
	for ; s.counted < len(s.cands); s.counted++ {
		for _, m := range s.p.membersOf(&s.p.entries[s.cands[s.counted]]) {
			s.offers[m.set]++
		}
	}
	for i, count := range s.p.roles.counts {
		lacking := int32(count * s.p.q.Teams)
		for set, n := range s.offers {
			if set&(1<<i) != 0 {
				lacking -= n
			}
		}
		if lacking > 0 {
			return false
		}
	}
	return true
}

// fill chooses from cands[i:] until the teams are full. It tries everything, as long as
// there are steps.
func (s *search) fill(i int) bool {
	if s.need == 0 {
		return s.accept()
	}
	for ; i < len(s.cands) && s.rest[i] >= s.need && s.left > 0; i++ {
		s.left--
		if e := &s.p.entries[s.cands[i]]; s.reach.admits(e) && s.fitsChosen(e) && s.place(i, e) {
			return true
		}
	}
	return false
}

func (s *search) fitsChosen(e *entry) bool {
	if !s.p.pairs {
		return true
	}
	for _, c := range s.chosen[1:] { // the anchor fits all candidates
		if !s.p.fit(&s.p.entries[c.entry], e) {
			return false
		}
	}
	return true
}

// place tries a candidate in every team, and fills the rest.
func (s *search) place(i int, e *entry) bool {
	before := s.reach
	who := s.p.membersOf(e)
	for t := range s.teams {
		fresh := s.teams[t].held == 0
		if s.teams[t].add(e, who) {
			s.chosen = append(s.chosen, pick{entry: s.cands[i], team: t, even: t})
			s.reach = before.with(e)
			s.need -= e.size
			if s.fill(i + 1) {
				return true
			}
			s.need += e.size
			s.reach = before
			s.chosen = s.chosen[:len(s.chosen)-1]
			s.teams[t].remove(e, who)
		}
		if fresh {
			break // other empty teams are no different
		}
	}
	return false
}

// accept reports whether the chosen are a legal match, once they are in even teams.
func (s *search) accept() bool {
	q := s.p.q
	oldest := 0.0
	for _, c := range s.chosen {
		oldest = max(oldest, s.p.entries[c.entry].waited)
	}
	if s.teamSize() < q.TeamSize && oldest < q.FillFor {
		return false
	}
	if apart := s.balance(); apart > q.Balance.At(oldest) {
		return false
	}
	return s.allowed()
}

// teamSize is how many players a team of the chosen has.
func (s *search) teamSize() int {
	players := int32(0)
	for _, c := range s.chosen {
		players += s.p.entries[c.entry].size
	}
	return int(players) / len(s.teams)
}
