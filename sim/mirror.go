package sim

import (
	"errors"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// Mirror is a client's copy of a game: what one player sees, in the game's own tables,
// for the Brain to look at. It belongs to one goroutine. Per tick: Begin, Set for every
// part and group, End; then Think.
type Mirror struct {
	inst  *Instance
	self  *Player
	parts []mirrorPart
	seen  [][]uint32 // by table and slot: the round in which the public row was set
	round uint32
	rows  []mirrorRow // scratch
}

// mirrorRow is where a row of a group's columns goes.
type mirrorRow struct {
	row  int
	base unsafe.Pointer // of the entity's struct
}

var errNoBrain = errors.New("sim: the game has no brain; give it a Think method")

// NewMirror makes a mirror for a server's descriptor, whose fields are matched with the
// game's by name: fields that only one side has, or whose kinds differ, stay zero.
func (d *Definition) NewMirror(desc *schema.Descriptor) (*Mirror, error) {
	i, err := d.instance(0)
	if err != nil {
		return nil, err
	}
	if !d.brain {
		return nil, errNoBrain
	}
	m := &Mirror{inst: i, seen: make([][]uint32, len(i.stores))}
	for _, p := range desc.Parts() {
		m.parts = append(m.parts, d.mirrorPart(desc, &p))
	}
	m.SetSelf(0, "")
	return m, nil
}

// SetSelf says which player the mirror belongs to; bots of different seats draw different
// random numbers.
func (m *Mirror) SetSelf(s Seat, name string) {
	w := m.inst.world
	if m.self != nil {
		w.players[m.self.Seat] = nil
	}
	m.self = &Player{Seat: s, Name: name, Connected: true}
	w.seat(m.self)
	w.rand = NewRand(uint64(s))
}

// World is the mirrored world: its tick, and the player the mirror belongs to.
func (m *Mirror) World() *World { return m.inst.world }

// Game is the author's value, filled with what the player sees.
func (m *Mirror) Game() Game { return m.inst.game }

// Begin starts the state of a tick.
func (m *Mirror) Begin(tick uint32) {
	m.inst.world.tick = tick
	m.round++
	for _, s := range m.inst.stores {
		s.disown(m.self.Seat)
	}
}

// Set gives the rows that one group has of one part, numbered as in the descriptor of
// NewMirror: their ids, and of each column the published R of each row. text resolves
// the indices of string columns. If two groups hold an entity, the later call wins.
func (m *Mirror) Set(part int, ids []uint32, columns [][]int32, text func(index int32) string) {
	if part >= len(m.parts) || m.parts[part].table < 0 {
		return
	}
	p := &m.parts[part]
	s := m.inst.stores[p.table]
	m.rows = m.rows[:0]
	for row, id := range ids {
		if slot, ok := m.entity(p, s, ID(id)); ok {
			m.rows = append(m.rows, mirrorRow{row, s.at(slot)})
		}
	}
	for i := range p.fields {
		p.fields[i].set(m.rows, columns, text)
	}
}

// entity finds or makes the entity of a row. The first row of an entity that this
// player owns may come before its public row.
func (m *Mirror) entity(p *mirrorPart, s *Store, id ID) (slot uint32, ok bool) {
	slot, ok = s.find(id)
	switch {
	case id == 0 || !ok && s.plan.isSingle:
		return 0, false
	case !ok:
		slot = s.spawn(id)
	}
	seen := m.seen[p.table]
	for len(seen) <= int(slot) {
		seen = append(seen, 0)
	}
	m.seen[p.table] = seen
	if p.owner {
		s.setOwner(slot, m.self.Seat)
	} else {
		seen[slot] = m.round
	}
	return slot, true
}

// End removes the entities whose public row was not set since Begin.
func (m *Mirror) End() {
	for t, s := range m.inst.stores {
		if s.plan.isSingle {
			continue
		}
		for slot := range uint32(len(m.seen[t])) {
			if s.entries[slot].Live && m.seen[t][slot] != m.round {
				s.despawn(slot)
			}
		}
		s.ClearDirty()
	}
}

// Think runs the game's brain on what the mirror shows and returns the payload of its
// input, valid until the next call.
func (m *Mirror) Think() []byte {
	i := m.inst
	i.world.out.open()
	i.input.think(i.world, m.self)
	i.bot = i.def.input.appendPayload(i.bot[:0], i.input.at(m.self.Seat))
	i.world.out.sealed = true
	return i.bot
}
