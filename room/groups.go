package room

import (
	"slices"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/sim"
)

// group is one interest group of the room: its published stream and which table
// slot stands behind each of its rows. Owned by the room goroutine.
type group struct {
	key    sim.Group
	slot   uint32 // its name on the wire
	stream *delta.Stream
	slots  [][]uint32 // per part, table slot of each row
	fresh  []int      // per part, rows that were there before this tick's enters

	leaves []leave // this tick's, sorted before they are applied
	enters []enter

	seenBy  int    // seats, present or away, that see it now
	idleFor uint32 // send ticks without rows and viewers
}

type leave struct {
	part int
	row  int
	why  delta.Reason
	dest uint32
}

type enter struct {
	part int
	id   uint32
	slot uint32
}

// groupSet is what a client sees: groups in order of their wire slot, and every how
// many send ticks each is sent. It is never changed once made, so that many sends can
// share it.
type groupSet struct {
	list  []*group
	every []uint8 // 1, 2 or 4
}

// find returns where the group of a slot is in the set, -1 if it is not.
func (s *groupSet) find(slot uint32) int {
	at, ok := slices.BinarySearchFunc(s.list, slot, func(a *group, slot uint32) int {
		return int(a.slot) - int(slot)
	})
	if !ok {
		return -1
	}
	return at
}

func (s *groupSet) has(g *group) bool { return s.find(g.slot) >= 0 }

func (s *groupSet) equal(o *groupSet) bool {
	return slices.Equal(s.list, o.list) && slices.Equal(s.every, o.every)
}

// groupOf returns the stream of a group, made on first use.
func (p *publisher) groupOf(key sim.Group) *group {
	if g := p.groups[key]; g != nil {
		return g
	}
	g := &group{key: key, slot: p.takeSlot(), slots: make([][]uint32, len(p.parts)), fresh: make([]int, len(p.parts))}
	g.stream = delta.NewStream(p.parts, g.slot, uint8(key.Kind()), p.window)
	g.stream.SetLedger(p.ledger)
	p.groups[key] = g
	p.changed++
	p.order = append(p.order, g)
	slices.SortFunc(p.order, func(a, b *group) int { return int(a.slot) - int(b.slot) })
	return g
}

func (p *publisher) takeSlot() uint32 {
	if n := len(p.free); n > 0 {
		slot := p.free[n-1]
		p.free = p.free[:n-1]
		return slot
	}
	p.slots++
	return p.slots - 1
}

// retire frees groups that have had neither rows nor viewers for longer than any
// history reaches, so that their wire slot can name another group.
func (p *publisher) retire() {
	p.order = slices.DeleteFunc(p.order, func(g *group) bool {
		if g.seenBy > 0 || g.key == sim.Everyone || g.rows() > 0 {
			g.idleFor = 0
			return false
		}
		if g.idleFor++; g.idleFor <= uint32(2*p.window) {
			return false
		}
		p.changed++
		delete(p.groups, g.key)
		p.free = append(p.free, g.slot)
		return true
	})
}

func (g *group) rows() int {
	n := 0
	for part := range g.slots {
		n += len(g.slots[part])
	}
	return n
}
