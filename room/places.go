package room

// tablePlaces remembers, per table slot, where the rows of its entity are, and where they
// were for as long as a rewind looks back.
type tablePlaces struct {
	public int // index of its parts; owner is -1 if it has none
	owner  int
	places []place

	// What is not so any more, the oldest first. A rewind looks it up backwards.
	former []formerPlace
	base   uint64 // number of the first one
}

type place struct {
	publicPlace
	owner rowPlace
}

// publicPlace is where the public row of an entity is, or was.
type publicPlace struct {
	id     uint32
	public rowPlace
	since  uint32 // the send tick from which this is so
	before uint64 // number of the former place plus 1, 0 if there was none
}

// formerPlace is what was so until a send tick.
type formerPlace struct {
	publicPlace
	until uint32
}

// rowPlace is where one row of an entity is; group is nil if nowhere.
type rowPlace struct {
	group *group
	row   int
}

// change keeps where a public row is before it changes in send tick now.
func (t *tablePlaces) change(slot, now uint32) *place {
	p := &t.places[slot]
	if p.since != now {
		t.former = append(t.former, formerPlace{p.publicPlace, now})
		p.since, p.before = now, t.base+uint64(len(t.former))
	}
	return p
}

// at returns where the row of the entity in a slot was after send tick seq, which a
// rewind may ask for.
func (t *tablePlaces) at(slot, seq uint32) *publicPlace {
	p := &t.places[slot].publicPlace
	for int32(p.since-seq) > 0 && p.before > t.base {
		p = &t.former[p.before-t.base-1].publicPlace
	}
	return p
}

// forget drops what was so until before send tick oldest.
func (t *tablePlaces) forget(oldest uint32) {
	n := 0
	for n < len(t.former) && int32(t.former[n].until-oldest) <= 0 {
		n++
	}
	if n == 0 {
		return
	}
	t.base += uint64(n)
	t.former = t.former[:copy(t.former, t.former[n:])]
}
