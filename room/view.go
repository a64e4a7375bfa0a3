package room

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// look works out, for every player, which groups that player sees at this tick: the
// audience of its events and, at a send tick, what goes into frames.
func (r *Room) look(sending bool) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.state != seatPlaying && s.state != seatAway {
			continue
		}
		s.visible = r.sim.Visible(s.player.Seat, s.visible[:0])
		if !sending {
			continue
		}
		r.frame.view = r.frame.view[:0]
		for _, key := range s.visible {
			if g := r.pub.groups[key]; g != nil {
				r.frame.view = append(r.frame.view, g)
			}
		}
		slices.SortFunc(r.frame.view, func(a, b *group) int { return int(a.slot) - int(b.slot) })
		if s.held != nil && slices.Equal(s.held.list, r.frame.view) {
			continue
		}
		r.hold(s, &groupSet{list: slices.Clone(r.frame.view)})
	}
}

// hold makes set what the seat sees. A group stays in being while a seat sees it; one
// that nobody sees any more outlives every history before its slot is used again.
func (r *Room) hold(s *seat, set *groupSet) {
	for _, g := range set.list {
		g.seenBy++
	}
	r.release(s.held)
	s.held = set
}

func (r *Room) release(set *groupSet) {
	if set == nil {
		return
	}
	for _, g := range set.list {
		g.seenBy--
	}
}

// sees reports whether the seat sees the group of key at this tick.
func (r *Room) sees(s *seat, key sim.Group) bool {
	return key == sim.Everyone || slices.Contains(s.visible, key)
}

func (p *publisher) bySlot(slot uint32) *group {
	i, ok := slices.BinarySearchFunc(p.order, slot, func(g *group, slot uint32) int { return int(g.slot) - int(slot) })
	if !ok {
		return nil
	}
	return p.order[i]
}
