package client

import "github.com/roomtick/roomtick/schema"

// changes counts entity updates: an update is an entity in view whose quantised
// state differs from the snapshot before. One that has just come into view has no
// state before and is counted apart, as entered. Quantised means rounded to whole
// steps, so what a column gains below its step is no update.
// Only public rows count; what changes in an owner row alone is left out, and a jump
// counts an entity once however many ticks it covers, so that bytes per update errs
// on the high side.
type changes struct {
	parts  []schema.Part
	groups map[uint32][]partState // by slot
	awake  []bool                 // scratch: rows that changed
	fresh  []bool                 // scratch: rows that have just come into view
	now    [][]int32              // scratch: the columns of one part
	strays []int32                // scratch: old rows that are elsewhere now, or gone
	moves  []move                 // scratch
	values []int32                // scratch: of one column, by move
}

// partState is what the last snapshot showed of one part of a group, in steps.
type partState struct {
	ids     []uint32
	columns [][]int32
}

// move is a row that was elsewhere, or nowhere: from is -1.
type move struct{ to, from int32 }

// sight is what observe saw of a group.
type sight struct {
	updates int // entities that were in view before and have changed
	entered int // entities that have just come into view
	inView  int
}

// rowSource is a group as the decoder shows it.
type rowSource interface {
	IDs(part int) []uint32
	AppendColumns(dst [][]int32, part int) [][]int32
}

func newChanges(parts []schema.Part) *changes {
	return &changes{parts: parts, groups: make(map[uint32][]partState)}
}

// observe compares a group with its last state, which it then becomes.
func (c *changes) observe(slot uint32, g rowSource) sight {
	was := c.groups[slot]
	if was == nil {
		was = c.empty()
		c.groups[slot] = was
	}
	var all sight
	for p := range c.parts {
		if c.parts[p].Owner {
			continue
		}
		updates, entered := c.compare(&was[p], p, g)
		all.updates += updates
		all.entered += entered
		all.inView += len(was[p].ids)
	}
	return all
}

// forget drops every group but those that seen reports, so that what comes back into
// view counts afresh.
func (c *changes) forget(seen func(slot uint32) bool) {
	for slot := range c.groups {
		if !seen(slot) {
			delete(c.groups, slot)
		}
	}
}

func (c *changes) empty() []partState {
	all := make([]partState, len(c.parts))
	for p := range all {
		all[p].columns = make([][]int32, len(c.parts[p].Columns))
	}
	return all
}

func (c *changes) compare(was *partState, part int, g rowSource) (updates, entered int) {
	ids := g.IDs(part)
	c.awake, c.fresh = cleared(c.awake, len(ids)), cleared(c.fresh, len(ids))
	if !sameIDs(was.ids, ids) {
		c.realign(was, ids)
	}
	c.now = g.AppendColumns(c.now[:0], part)
	for i, now := range c.now {
		old := was.columns[i]
		half, shift := int32(0), 0
		if c.parts[part].Columns[i].Tolerance > 0 {
			half, shift = 8, 4 // units of 1/16 step
		}
		for row, r := range now {
			if q := (r + half) >> shift; q != old[row] {
				old[row], c.awake[row] = q, true
			}
		}
	}
	for row := range ids {
		switch {
		case c.fresh[row]:
			entered++
		case c.awake[row]:
			updates++
		}
	}
	return updates, entered
}

// cleared returns n times false, in the memory of b if that is enough.
func cleared(b []bool, n int) []bool {
	if cap(b) < n {
		return make([]bool, n)
	}
	b = b[:n]
	clear(b)
	return b
}

func sameIDs(a, b []uint32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// manyStrays is how many rows may be out of place before a map finds them faster than
// a scan.
const manyStrays = 24

// realign puts the old rows into the new order and marks the ones it did not have.
// Most rows stay where they are; a tick commonly moves a handful.
func (c *changes) realign(was *partState, ids []uint32) {
	c.place(was.ids, ids)
	for i, old := range was.columns {
		c.values = c.values[:0]
		for _, m := range c.moves {
			v := int32(0)
			if m.from >= 0 {
				v = old[m.from]
			}
			c.values = append(c.values, v)
		}
		if len(old) < len(ids) {
			old = append(old, make([]int32, len(ids)-len(old))...)
		}
		old = old[:len(ids)]
		for k, m := range c.moves {
			old[m.to] = c.values[k]
		}
		was.columns[i] = old
	}
	for _, m := range c.moves {
		c.fresh[m.to] = c.fresh[m.to] || m.from < 0
	}
	was.ids = append(was.ids[:0], ids...)
}

// place finds the rows that are not where they were: moves says where each came from.
func (c *changes) place(was, ids []uint32) {
	c.strays, c.moves = c.strays[:0], c.moves[:0]
	for row, id := range was {
		if row >= len(ids) || ids[row] != id {
			c.strays = append(c.strays, int32(row))
		}
	}
	var rows map[uint32]int32
	if len(c.strays) > manyStrays {
		rows = make(map[uint32]int32, len(c.strays))
		for _, row := range c.strays {
			rows[was[row]] = row
		}
	}
	for row, id := range ids {
		if row >= len(was) || was[row] != id {
			c.moves = append(c.moves, move{to: int32(row), from: c.find(was, rows, id)})
		}
	}
}

// find returns the old row of an id, -1 if there was none.
func (c *changes) find(was []uint32, rows map[uint32]int32, id uint32) int32 {
	if rows != nil {
		if row, ok := rows[id]; ok {
			return row
		}
		return -1
	}
	for _, row := range c.strays {
		if was[row] == id {
			return row
		}
	}
	return -1
}
