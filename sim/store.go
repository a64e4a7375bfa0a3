package sim

import "unsafe"

// chunkLen is how many entities a chunk holds: small rooms stay small, and a chunk is
// still a few kilobytes.
const (
	chunkShift = 6
	chunkLen   = 1 << chunkShift
)

// Entity is what the engine knows of the entity in one slot.
type Entity struct {
	ID    ID
	Group Group
	Owner Seat
	Live  bool
}

// Store is the untyped side of a Table or Single. A slot never moves while its entity
// lives: entities lie in chunks, free slots in a list whose last one is taken first.
type Store struct {
	plan     *tablePlan
	grid     *grid
	newChunk func() unsafe.Pointer
	zero     func(unsafe.Pointer) // sets an entity to its zero value

	chunks  []unsafe.Pointer
	entries []Entity // by slot
	born    []uint64 // by slot: number of the spawn, for iterations under way
	spawns  uint64
	free    []uint32
	index   slotIndex
	last    ID // the id given out last
	live    int
	owners  []uint32 // by seat: the first slot it owns plus 1, 0 if none

	dirty  []uint32
	marked []bool   // by slot: is in dirty
	clamps []uint64 // by field: values brought into range
}

func newStore(plan *tablePlan, g *grid) *Store {
	return &Store{plan: plan, grid: g, clamps: make([]uint64, len(plan.fields))}
}

// at returns the address of a slot's entity.
func (s *Store) at(slot uint32) unsafe.Pointer {
	return unsafe.Add(s.chunks[slot>>chunkShift], uintptr(slot&(chunkLen-1))*s.plan.size)
}

// At describes a slot.
func (s *Store) At(slot uint32) Entity { return s.entries[slot] }

// Cap returns the number of slots, live or not.
func (s *Store) Cap() int { return len(s.entries) }

// Dirty lists, without repeats, the slots that were spawned into, despawned from,
// regrouped or re-owned since ClearDirty.
func (s *Store) Dirty() []uint32 { return s.dirty }

// ClearDirty empties Dirty.
func (s *Store) ClearDirty() {
	for _, slot := range s.dirty {
		s.marked[slot] = false
	}
	s.dirty = s.dirty[:0]
}

func (s *Store) mark(slot uint32) {
	if !s.marked[slot] {
		s.marked[slot] = true
		s.dirty = append(s.dirty, slot)
	}
}

func (s *Store) find(id ID) (slot uint32, ok bool) { return s.index.get(id) }

// nextID returns the next id that is neither 0 nor in use.
func (s *Store) nextID() ID {
	for {
		s.last++
		if _, used := s.index.get(s.last); s.last != 0 && !used {
			return s.last
		}
	}
}

// spawn puts a zero entity with an unused id into a slot.
func (s *Store) spawn(id ID) uint32 {
	slot := s.takeSlot()
	s.zero(s.at(slot))
	s.spawns++
	s.born[slot] = s.spawns
	s.entries[slot] = Entity{ID: id, Owner: NoSeat, Live: true}
	s.index.put(id, slot)
	s.live++
	s.mark(slot)
	return slot
}

func (s *Store) takeSlot() uint32 {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return slot
	}
	return s.grow()
}

// grow adds a slot at the end.
func (s *Store) grow() uint32 {
	slot := uint32(len(s.entries))
	if int(slot>>chunkShift) == len(s.chunks) {
		s.chunks = append(s.chunks, s.newChunk())
	}
	s.entries = append(s.entries, Entity{Owner: NoSeat})
	s.born = append(s.born, 0)
	s.marked = append(s.marked, false)
	return slot
}

// despawn frees a slot. Its memory keeps its last values until it is taken again, so
// that a game may still read what it has just removed.
func (s *Store) despawn(slot uint32) {
	s.setOwner(slot, NoSeat)
	e := &s.entries[slot]
	s.index.remove(e.ID)
	*e = Entity{Owner: NoSeat}
	s.free = append(s.free, slot)
	s.live--
	s.mark(slot)
}

func (s *Store) setGroup(slot uint32, g Group) {
	if e := &s.entries[slot]; e.Group != g {
		e.Group = g
		s.mark(slot)
	}
}

func (s *Store) setOwner(slot uint32, owner Seat) {
	e := &s.entries[slot]
	old := e.Owner
	if old == owner {
		return
	}
	e.Owner = owner
	s.mark(slot)
	if old != NoSeat && s.owners[old] == slot+1 {
		s.owners[old] = s.firstOwned(old, slot+1)
	}
	s.noteOwner(slot, owner)
}

// noteOwner keeps owners true for a slot that has come to a seat.
func (s *Store) noteOwner(slot uint32, owner Seat) {
	if owner == NoSeat {
		return
	}
	for len(s.owners) <= int(owner) {
		s.owners = append(s.owners, 0)
	}
	if first := s.owners[owner]; first == 0 || slot+1 < first {
		s.owners[owner] = slot + 1
	}
}

// firstOwned returns the first slot from slot on that a seat owns plus 1, 0 if none.
func (s *Store) firstOwned(owner Seat, slot uint32) uint32 {
	for ; int(slot) < len(s.entries); slot++ {
		if s.entries[slot].Live && s.entries[slot].Owner == owner {
			return slot + 1
		}
	}
	return 0
}

func (s *Store) owned(owner Seat) (slot uint32, ok bool) {
	if int(owner) >= len(s.owners) || s.owners[owner] == 0 {
		return 0, false
	}
	return s.owners[owner] - 1, true
}

// disown takes everything from a seat.
func (s *Store) disown(owner Seat) {
	slot, ok := s.owned(owner)
	if !ok {
		return
	}
	for ; int(slot) < len(s.entries); slot++ {
		if e := &s.entries[slot]; e.Live && e.Owner == owner {
			e.Owner = NoSeat
			s.mark(slot)
		}
	}
	s.owners[owner] = 0
}

// conceal takes everything in a seat's own group out of sight.
func (s *Store) conceal(seat Seat) {
	for slot := range uint32(len(s.entries)) {
		if e := &s.entries[slot]; e.Live && e.Group == Only(seat) {
			s.setGroup(slot, Only(NoSeat))
		}
	}
}

// present marks everything that a seat owns: its player has come, and may see now what
// was given to the seat before.
func (s *Store) present(owner Seat) {
	slot, ok := s.owned(owner)
	if !ok {
		return
	}
	for ; int(slot) < len(s.entries); slot++ {
		if e := &s.entries[slot]; e.Live && e.Owner == owner {
			s.mark(slot)
		}
	}
}
