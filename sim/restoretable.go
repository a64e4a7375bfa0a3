package sim

import "unsafe"

// table reads a table into its store, or past it.
func (r *restorer) table(t *oldTable) {
	last := ID(r.raw(4))
	slots := r.count("slots")
	if t.single && slots != 1 {
		r.fail("the single %s has %d slots", t.name, slots)
	}
	if r.err != nil {
		return
	}
	live := make([]bool, slots)
	for slot := range live {
		if t.to != nil && !t.single {
			t.to.grow()
		}
		if live[slot] = r.flag(); live[slot] {
			r.entity(t, uint32(slot))
		}
		if r.err != nil {
			return
		}
	}
	if t.single && !live[0] {
		r.fail("the single %s has no entity", t.name)
	}
	r.free(t, live)
	if t.to != nil {
		t.to.last = last
	}
}

// entity reads one live slot.
func (r *restorer) entity(t *oldTable, slot uint32) {
	e := Entity{ID: ID(r.raw(4)), Group: r.group(), Owner: Seat(r.raw(2)), Live: true}
	if r.err != nil {
		return
	}
	s := t.to
	var base unsafe.Pointer
	if s != nil {
		_, taken := s.find(e.ID)
		if t.single != taken || t.single && e.ID != singleID || e.ID == 0 {
			r.fail("id %d of %s is taken or no id", e.ID, t.name)
			return
		}
		base = s.at(slot)
		s.place(slot, e)
	}
	t.layout.read(&r.stateReader, base)
}

// place puts an entity into a slot that grow has made, or sets that of a single.
func (s *Store) place(slot uint32, e Entity) {
	if !s.plan.isSingle {
		s.index.put(e.ID, slot)
		s.live++
	}
	s.entries[slot] = e
	s.grid.note(e.Group)
	s.noteOwner(slot, e.Owner)
	s.mark(slot)
}

// free reads the free list: every slot that is not live, once.
func (r *restorer) free(t *oldTable, live []bool) {
	dead := 0
	for _, l := range live {
		if !l {
			dead++
		}
	}
	if n := r.count("free slots"); r.err == nil && n != dead {
		r.fail("%s has %d free slots but lists %d", t.name, dead, n)
	}
	for range dead {
		slot := r.leb()
		if r.err == nil && (int64(slot) >= int64(len(live)) || live[slot]) {
			r.fail("slot %d of %s is not free", slot, t.name)
		}
		if r.err != nil {
			return
		}
		live[slot] = true
		if t.to != nil {
			t.to.free = append(t.to.free, slot)
		}
	}
}
