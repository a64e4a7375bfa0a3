package server

import (
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// shelves hold the public rooms of a node that answer, so that a join looks at a few of ten
// thousand rooms. Guarded by node.mu.
type shelves map[kind]*shelf

// kind is what rooms must have in common for a player to be sent to any of them.
type kind struct{ game, mode string }

// shelf is the rooms of one kind, by how many of their seats are taken. A bucket has no
// order.
type shelf struct {
	open [][]*host                  // take in whoever comes; the full ones are among them
	shut [][]*host                  // are locked, or ask for a password
	free map[tag]map[*host]struct{} // of the open ones those with a seat, by each of their properties
	size int
}

// tag is a property.
type tag struct {
	name  string
	value any
}

// outside is the place of a host that is on no shelf.
const outside = -1

// search is what a join wants of a room.
type search struct {
	game   *sim.Definition
	mode   string
	build  string // empty takes any
	filter map[string]directory.Condition
	oldest bool // before the fullest
}

func (q *search) kind() kind { return kind{q.game.Name(), q.mode} }

// fits reports whether a room of the right kind is as asked for.
func (q *search) fits(h *host) bool {
	if q.build != "" && h.build != "" && q.build != h.build {
		return false
	}
	for name, c := range q.filter {
		if !c.Allows(h.props[name]) {
			return false
		}
	}
	return true
}

// put lets joiners see a room, unless it is private.
func (all shelves) put(h *host) {
	if h.private {
		return
	}
	s := all[h.kind]
	if s == nil {
		s = &shelf{free: make(map[tag]map[*host]struct{})}
		all[h.kind] = s
	}
	s.size++
	h.shelf = &s.shut
	if h.joinable && h.password == nil {
		h.shelf = &s.open
		if h.taken < h.seats {
			s.index(h)
		}
	}
	for len(*h.shelf) <= h.taken {
		*h.shelf = append(*h.shelf, nil)
	}
	bucket := &(*h.shelf)[h.taken]
	h.place = len(*bucket)
	*bucket = append(*bucket, h)
}

func (s *shelf) index(h *host) {
	for name, value := range h.props {
		t := tag{name, value}
		if s.free[t] == nil {
			s.free[t] = make(map[*host]struct{})
		}
		s.free[t][h] = struct{}{}
	}
}

// remove hides a room, if it was seen.
func (all shelves) remove(h *host) {
	if h.place == outside {
		return
	}
	s := all[h.kind]
	bucket := &(*h.shelf)[h.taken]
	last := len(*bucket) - 1
	(*bucket)[h.place] = (*bucket)[last]
	(*bucket)[h.place].place = h.place
	(*bucket)[last] = nil
	*bucket = (*bucket)[:last]
	h.place = outside
	for name, value := range h.props {
		t := tag{name, value}
		if delete(s.free[t], h); len(s.free[t]) == 0 {
			delete(s.free, t)
		}
	}
	if s.size--; s.size == 0 { // modes are the players' own words
		delete(all, h.kind)
	}
}

// update moves a room to where a change of it puts it.
func (all shelves) update(h *host, change func()) {
	if h.place == outside {
		change()
		return
	}
	all.remove(h)
	change()
	all.put(h)
}

// best returns the room that q wants most of those with more free seats than reservations
// under way, so that nobody is promised a seat twice: the fullest, so that players meet.
// contested says that another room has free seats, but no more of them than that.
func (all shelves) best(q *search) (best *host, contested bool) {
	s := all[q.kind()]
	if s == nil {
		return nil, false
	}
	visit := func(h *host) {
		switch {
		case !q.fits(h):
		case h.seats-h.taken <= h.joining:
			contested = true
		case best == nil || q.prefers(h, best):
			best = h
		}
	}
	if few := s.rarest(q); few != nil {
		for h := range few {
			visit(h)
		}
		return best, contested
	}
	seats := seatsOf(s)
	for taken := min(seats, len(s.open)) - 1; taken >= 0; taken-- {
		for _, h := range s.open[taken] {
			visit(h)
			if best != nil && !q.oldest { // the next ones are no fuller
				return best, contested
			}
		}
	}
	return best, contested
}

// seatsOf is how many people a room of a shelf seats: all of one game the same.
func seatsOf(s *shelf) int {
	for taken := range s.open {
		if len(s.open[taken]) > 0 {
			return s.open[taken][0].seats
		}
	}
	return 0
}

func (q *search) prefers(a, b *host) bool {
	if q.oldest || a.taken == b.taken {
		return a.created.Before(b.created)
	}
	return a.taken > b.taken
}

// fewRooms is when looking at all rooms with a property is quicker than going through the
// fullest ones first, of which most are likely to have it.
const fewRooms = 128

// rarest returns the rooms with a seat that have a property which q asks for, if those
// are few; nil otherwise. What is asked for and nowhere to be found is few as well.
func (s *shelf) rarest(q *search) map[*host]struct{} {
	var best map[*host]struct{}
	for name, c := range q.filter {
		if len(c.In) != 1 {
			continue
		}
		rooms := s.free[tag{name, c.In[0]}]
		if rooms == nil {
			return map[*host]struct{}{}
		}
		if len(rooms) <= fewRooms && (best == nil || len(rooms) < len(best)) {
			best = rooms
		}
	}
	return best
}

// fullest calls visit for rooms of a kind, the fullest first, until it returns false.
func (all shelves) fullest(k kind, visit func(*host) bool) {
	s := all[k]
	if s == nil {
		return
	}
	for taken := max(len(s.open), len(s.shut)) - 1; taken >= 0; taken-- {
		for _, rooms := range [][][]*host{s.open, s.shut} {
			if taken >= len(rooms) {
				continue
			}
			for _, h := range rooms[taken] {
				if !visit(h) {
					return
				}
			}
		}
	}
}
