package queue

import (
	"cmp"
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// oldestFirst is rooms in the order in which they asked.
func oldestFirst(all []*Backfill) []*Backfill {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *Backfill) int {
		if a.Since != b.Since {
			return cmp.Compare(a.Since, b.Since)
		}
		return cmp.Compare(a.Room, b.Room)
	})
	return all
}

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
	w := walkAt(&p.lists[region], room.skill, room.window)
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
		if t, ok := join(open, e); ok {
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
			open[t].caps = book.capsOf(book.counts(o.Roles))
			open[t].only = make([]int16, len(book.caps))
		}
	}
	return open
}

// counts is how often each role is in a list.
func (b *rolebook) counts(names []string) []int {
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
func join(open []team, e *entry) (int, bool) {
	best := outside
	for t := range open {
		if best != outside && open[t].free <= open[best].free {
			continue
		}
		if open[t].add(e) {
			open[t].remove(e)
			best = t
		}
	}
	return best, best != outside && open[best].add(e)
}

// nameRoles gives everybody placed in a room a role that it lacks.
func (s *search) nameRoles(b *Backfill, placed []Placement) {
	book := &s.p.roles
	if !book.any() {
		return
	}
	for t, o := range b.Teams {
		var team []*sim.Ticket
		for _, p := range placed {
			if p.Team == t {
				team = append(team, p.Ticket)
			}
		}
		names := book.assign(players(team...), book.counts(o.Roles))
		for i := range placed {
			if p := &placed[i]; p.Team == t {
				p.Roles, names = names[:len(p.Ticket.Members)], names[len(p.Ticket.Members):]
			}
		}
	}
}
