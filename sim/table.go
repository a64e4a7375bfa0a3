package sim

import (
	"iter"
	"reflect"
	"unsafe"
)

// ID names an entity of one table. 0 is no entity. Ids count up; after 2^32 spawns they
// begin again and skip those in use.
type ID uint32

// Table holds all entities of one type T, a struct with sync tags. A pointer to an
// entity stays valid until it is despawned and its place is taken by a new one; do not
// keep it across ticks. Declare tables as fields of the game's struct.
type Table[T any] struct {
	store *Store
}

// Spawn adds an entity: all zero, in the group Everyone, owned by nobody.
func (t *Table[T]) Spawn() (ID, *T) {
	slot := t.store.spawn(t.store.nextID())
	return t.store.entries[slot].ID, (*T)(t.store.at(slot))
}

// Get returns an entity, or nil if it is gone.
func (t *Table[T]) Get(id ID) *T {
	slot, ok := t.store.find(id)
	if !ok {
		return nil
	}
	return (*T)(t.store.at(slot))
}

// Despawn removes an entity and reports whether it was there.
func (t *Table[T]) Despawn(id ID) bool {
	slot, ok := t.store.find(id)
	if ok {
		t.store.despawn(slot)
	}
	return ok
}

// Len returns the number of entities.
func (t *Table[T]) Len() int { return t.store.live }

// All yields the entities in slot order, which is the same on every machine. Entities
// spawned during the iteration are not visited; entities despawned before their turn
// are skipped.
func (t *Table[T]) All() iter.Seq2[ID, *T] {
	return func(yield func(ID, *T) bool) {
		s := t.store
		before := s.spawns
		for slot := range uint32(len(s.entries)) {
			e := &s.entries[slot]
			if !e.Live || s.spawns != before && s.born[slot] > before {
				continue
			}
			chunk := (*[chunkLen]T)(s.chunks[slot>>chunkShift]) // at, with a size known when compiled
			if !yield(e.ID, &chunk[slot%chunkLen]) {
				return
			}
		}
	}
}

// SetOwner gives an entity to a seat: that player receives its owner fields. NoSeat
// takes it back. It does nothing if the entity is gone.
func (t *Table[T]) SetOwner(id ID, s Seat) {
	if slot, ok := t.store.find(id); ok {
		t.store.setOwner(slot, s)
	}
}

// Owner returns the seat that owns an entity, or NoSeat.
func (t *Table[T]) Owner(id ID) Seat {
	slot, ok := t.store.find(id)
	if !ok {
		return NoSeat
	}
	return t.store.entries[slot].Owner
}

// Owned returns the first entity, in slot order, that a seat owns; 0 and nil if none.
func (t *Table[T]) Owned(s Seat) (ID, *T) {
	slot, ok := t.store.owned(s)
	if !ok {
		return 0, nil
	}
	return t.store.entries[slot].ID, (*T)(t.store.at(slot))
}

// SetGroup decides who sees an entity. It does nothing if the entity is gone, or if g
// is none that Everyone, Team, Only, Custom or Cell give.
func (t *Table[T]) SetGroup(id ID, g Group) {
	if !g.valid() {
		return
	}
	if slot, ok := t.store.find(id); ok {
		t.store.setGroup(slot, g)
	}
}

// Group returns the group an entity is in; Everyone if it is gone.
func (t *Table[T]) Group(id ID) Group {
	slot, ok := t.store.find(id)
	if !ok {
		return Everyone
	}
	return t.store.entries[slot].Group
}

// MoveTo puts an entity into the cell of the grid that holds a position in world units.
// It stays in its cell until it is a sixteenth of a cell beyond the border. Without a
// grid, or if x or y is no number, it does nothing.
func (t *Table[T]) MoveTo(id ID, x, y float32) { t.MoveSized(id, x, y, 0) }

// MoveSized is MoveTo for an entity that extends radius world units around its position:
// every player whose view touches that circle sees it. It costs a little more to look
// for than a point, so a view some units wider is the better way for small things. An
// entity of more than 16 cells' radius is seen by everyone.
func (t *Table[T]) MoveSized(id ID, x, y, radius float32) {
	g := t.store.grid
	if g.size == 0 || !isFinite(x) || !isFinite(y) {
		return
	}
	if slot, ok := t.store.find(id); ok {
		t.store.setGroup(slot, g.groupOf(t.store.entries[slot].Group, x, y, radius))
	}
}

func (t *Table[T]) element() reflect.Type { return reflect.TypeFor[T]() }
func (t *Table[T]) single() bool          { return false }
func (t *Table[T]) attach(s *Store) {
	t.store = s
	s.newChunk, s.zero = newChunk[T], zeroAt[T]
}

// newChunk allocates chunkLen entities as their own type, so that the garbage collector
// knows the strings in them.
func newChunk[T any]() unsafe.Pointer { return unsafe.Pointer(new([chunkLen]T)) }

func zeroAt[T any](p unsafe.Pointer) {
	var zero T
	*(*T)(p) = zero
}
