package queue

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// backfill places tickets in a room that lost players: whoever is nearest to its skill and
// within the windows of both, one after the other, each in the team that lacks most.
func (s *search) backfill(b *Backfill) []Placement {
	p := s.p
	region := slices.Index(p.regions, b.Region)
	if region == outside {
		return nil
	}
	there := b.There
	if there == nil {
		there = &sim.Ticket{Members: []sim.Entrant{{Skill: p.q.Newcomer}}}
	}
	room := p.entry(&sim.Ticket{ID: b.Room, Since: b.Since, Members: there.Members})
	w := p.walkAt(region, room.skill, room.window)
	s.left = s.share
	s.cands = s.cands[:0]
	open := s.openings(b)
	var placed []Placement
	for {
		i, ok := w.next(&s.left)
		if !ok {
			break
		}
		e := &p.entries[i]
		if p.pairs && (b.There != nil && !p.fit(&room, e) || !s.fitsAll(e)) {
			continue
		}
		if t, ok := join(open, e, p.membersOf(e)); ok {
			placed = append(placed, Placement{Ticket: e.ticket, Team: t})
			s.cands = append(s.cands, i)
		}
	}
	s.taken += s.share - s.left
	for _, i := range s.cands {
		p.remove(i)
	}
	s.nameRoles(b, placed)
	return placed
}

// openings is the teams of a room with the seats that are free.
func (s *search) openings(b *Backfill) []team {
	book := &s.p.roles
	open := make([]team, len(b.Teams))
	for t, o := range b.Teams {
		open[t].free = int32(o.Seats)
		if book.any() {
			open[t].caps = book.capsOf(book.countsOf(o.Roles))
			open[t].only = make([]int16, len(book.caps))
		}
	}
	return open
}

// countsOf is how often each role is in a list.
func (b *rolebook) countsOf(names []string) []int {
	counts := make([]int, len(b.roles))
	for _, name := range names {
		if i := b.index(name); i != outside {
			counts[i]++
		}
	}
	return counts
}

// fitsAll reports whether a ticket may meet all that joined the room in this round.
func (s *search) fitsAll(e *entry) bool {
	for _, i := range s.cands {
		if !s.p.fit(&s.p.entries[i], e) {
			return false
		}
	}
	return true
}

// join puts a ticket into the team with the most free seats that takes it.
func join(open []team, e *entry, who []member) (int, bool) {
	best := outside
	for t := range open {
		if best != outside && open[t].free <= open[best].free {
			continue
		}
		if open[t].add(e, who) {
			open[t].remove(e, who)
			best = t
		}
	}
	return best, best != outside && open[best].add(e, who)
}

// nameRoles gives everybody placed in a room, the candidates, a role that it lacks.
func (s *search) nameRoles(b *Backfill, placed []Placement) {
	book := &s.p.roles
	if !book.any() {
		return
	}
	for t, o := range b.Teams {
		s.cast.players = s.cast.players[:0]
		for i := range placed {
			if placed[i].Team == t {
				s.cast.players = append(s.cast.players, s.p.membersOf(&s.p.entries[s.cands[i]])...)
			}
		}
		s.cast.counts = book.countsOf(o.Roles)
		names := s.cast.assign()
		for i := range placed {
			if p := &placed[i]; p.Team == t {
				p.Roles, names = names[:len(p.Ticket.Members)], names[len(p.Ticket.Members):]
			}
		}
	}
}
