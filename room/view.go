package room

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// look works out, for every player, which groups that player sees at this tick: the
// audience of its events and, at a send tick, what goes into frames. Nothing is done for
// players whose view is as it was.
func (r *Room) look(sending bool) {
	for i := range r.seats {
		s := &r.seats[i]
		if s.state != seatPlaying && s.state != seatAway {
			continue
		}
		if views := r.sim.Views(s.player.Seat); views != s.views {
			s.views = views
			s.visible = r.sim.Visible(s.player.Seat, s.visible[:0])
			s.lookedAt = 0
		}
		if sending && s.lookedAt != r.pub.changed {
			s.lookedAt = r.pub.changed
			r.resolve(s)
		}
		if sending {
			s.trail.note(r.pub.seq, s.held, r.pub.lookback)
		}
	}
}

// resolve finds the streams of the groups that the seat sees. Groups that nothing has
// ever been in have none.
func (r *Room) resolve(s *seat) {
	view := &r.frame.view
	view.list, view.every = view.list[:0], view.every[:0]
	r.frame.seen = r.frame.seen[:0]
	for _, seen := range s.visible {
		if g := r.pub.groups[seen.Group]; g != nil {
			r.frame.seen = append(r.frame.seen, sighted{g, seen.Every})
		}
	}
	slices.SortFunc(r.frame.seen, func(a, b sighted) int { return int(a.slot) - int(b.slot) })
	for _, seen := range r.frame.seen {
		view.list = append(view.list, seen.group)
		view.every = append(view.every, seen.every)
	}
	if s.held != nil && s.held.equal(view) {
		return
	}
	r.hold(s, &groupSet{list: slices.Clone(view.list), every: slices.Clone(view.every)})
}

// sighted is a group in sight, and every how many send ticks it is sent.
type sighted struct {
	*group
	every uint8
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
	return key == sim.Everyone ||
		slices.ContainsFunc(s.visible, func(seen sim.Sight) bool { return seen.Group == key })
}

func (p *publisher) bySlot(slot uint32) *group {
	i, ok := slices.BinarySearchFunc(p.order, slot, func(g *group, slot uint32) int { return int(g.slot) - int(slot) })
	if !ok {
		return nil
	}
	return p.order[i]
}
