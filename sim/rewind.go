package sim

import (
	"iter"
	"unsafe"
)

// Past is the world as one player saw it; see World.Rewind. It is valid in the call that
// asked for it.
type Past struct {
	world *World
	view  View
	seat  Seat
	moved bool // it is not the present
}

// Rewind returns the world as a player's client drew it when it made the input of this
// tick, so that what the player aimed at is hit:
//
//	past := w.Rewind(p.Seat)
//	for id, ship := range g.Ships.AllIn(past) { ... }
//
// That is at most 250 ms ago, however long the way of the input was, and never earlier
// than in a tick before. For a computer player, and until a client has told what it draws,
// it is the present.
func (w *World) Rewind(s Seat) Past {
	past := Past{world: w, seat: s}
	if p := w.Player(s); p != nil && p.viewing && w.past.history != nil {
		past.view, past.moved = p.view, true
	}
	return past
}

// Back is how many seconds ago the past was, 0 if it is the present.
func (p *Past) Back() float32 {
	if !p.moved {
		return 0
	}
	return (float32(p.world.tick-p.view.Tick) - float32(p.view.Part)/256) * p.world.dt
}

// In returns an entity as the player of the past saw it: its public fields are what that
// client was sent, those marked lerp between two snapshots as the client draws them. Its
// texts, and fields that the client does not get, are those of now; so is all of what the
// player itself owns. ok is false if the entity is gone now, or was not in that player's
// view.
func (t *Table[T]) In(past Past, id ID) (entity T, ok bool) {
	slot, ok := t.store.find(id)
	if !ok {
		return entity, false
	}
	ok = t.in(past, slot, &entity)
	return entity, ok
}

// AllIn yields what In returns for every entity that the player saw, in slot order, as All
// does.
func (t *Table[T]) AllIn(past Past) iter.Seq2[ID, T] {
	return func(yield func(ID, T) bool) {
		s := t.store
		before := s.spawns
		for slot := range uint32(len(s.entries)) {
			if e := &s.entries[slot]; !e.Live || s.born[slot] > before {
				continue
			}
			var entity T
			if id := s.entries[slot].ID; t.in(past, slot, &entity) && !yield(id, entity) {
				return
			}
		}
	}
}

func (t *Table[T]) in(past Past, slot uint32, entity *T) bool {
	s := t.store
	*entity = *(*T)(s.at(slot))
	e := &s.entries[slot]
	if !past.moved || e.Owner == past.seat {
		return true
	}
	m := &past.world.past
	if !m.history.Drawn(past.seat, past.view, s.plan.number, slot, e.ID, &m.drawn) {
		return false
	}
	other := *entity
	m.draw(s.plan, past.view, unsafe.Pointer(entity), unsafe.Pointer(&other))
	return true
}
