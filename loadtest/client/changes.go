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
}

// partState is what the last snapshot showed of one part of a group, in steps.
type partState struct {
	ids     []uint32
	columns [][]int32
}

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
	c.awake = append(c.awake[:0], make([]bool, len(ids))...)
	c.fresh = append(c.fresh[:0], make([]bool, len(ids))...)
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

// realign puts the old rows into the new order and marks the ones it did not have.
func (c *changes) realign(was *partState, ids []uint32) {
	rows := make(map[uint32]int, len(was.ids))
	for row, id := range was.ids {
		rows[id] = row
	}
	for i, old := range was.columns {
		moved := make([]int32, len(ids))
		for row, id := range ids {
			if from, ok := rows[id]; ok {
				moved[row] = old[from]
			}
		}
		was.columns[i] = moved
	}
	for row, id := range ids {
		if _, ok := rows[id]; !ok {
			c.fresh[row] = true
		}
	}
	was.ids = append(was.ids[:0], ids...)
}
