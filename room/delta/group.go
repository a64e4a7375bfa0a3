package delta

import "github.com/roomtick/roomtick/schema"

// Group is a client's copy of one group. It and the slices it returns are valid until
// the next Apply. Owned by the goroutine that owns its Decoder.
type Group struct {
	Slot uint32
	Kind uint8  // 0 world, 1 cell, 2 team, 3 player, 4 custom
	Tick uint32 // of the newest delta applied

	now   int32 // send ticks passed, from anywhere on; wraps, and only ages are taken of it
	parts []schema.Part
	state []*rows // by part; one block more than a stream has, see oldRow
	texts map[int32]string
	frame uint32 // the decoder's frame that touched it last
	held  uint64 // a bit for each part that may have rows, the last one for all further parts
}

// lastHeld is the last bit of Group.held.
const lastHeld = 63

// count notes which parts have rows, so that a decoder of thousands of groups need not
// look at the memory of those that have none.
func (g *Group) count() {
	g.held = 0
	for part := range g.state {
		if len(g.state[part].ids) > 0 {
			g.held |= 1 << min(part, lastHeld)
		}
	}
}

func (g *Group) holds(part int) bool {
	return g.held>>min(part, lastHeld)&1 != 0 && len(g.state[part].ids) > 0
}

// oldRow is the value of a row's last block once the row has its state: what a row
// that has just entered does not have.
const oldRow = 1

func newGroup(slot uint32, parts []schema.Part) *Group {
	g := &Group{Slot: slot, parts: parts}
	for part := range parts {
		t := newRows(parts[part].Columns)
		t.blocks++
		g.state = append(g.state, t)
	}
	return g
}

// pass lets send ticks pass.
func (g *Group) pass(span int32) {
	was := g.now
	if g.now += span; was^g.now < 0 { // its sign changes every refreshEvery send ticks
		for part, t := range g.state {
			t.refresh(g.parts[part].Columns, was)
		}
	}
}

// idle is the block of a part that says when a column of each row was last corrected.
func (g *Group) idle(part int) int { return g.state[part].blocks - 2 }

// Rows returns how many rows a part has.
func (g *Group) Rows(part int) int { return len(g.IDs(part)) }

// IDs returns the entity ids of a part in row order.
func (g *Group) IDs(part int) []uint32 {
	if !g.holds(part) {
		return nil
	}
	return g.state[part].ids
}

// R returns a column's published values by row.
func (g *Group) R(part, column int) []int32 {
	return g.state[part].block(blockOf(g.parts[part].Columns, column))
}

// V returns a linear column's velocities by row, nil for a hold column.
func (g *Group) V(part, column int) []int32 { return g.beside(part, column, 1) }

// AppendK appends a linear column's send ticks since the last correction by row, nothing
// for a hold column.
func (g *Group) AppendK(dst []int32, part, column int) []int32 {
	for _, at := range g.beside(part, column, 2) {
		dst = append(dst, ageAt(g.now, at))
	}
	return dst
}

func (g *Group) beside(part, column, offset int) []int32 {
	if !g.parts[part].Columns[column].Linear {
		return nil
	}
	return g.state[part].block(blockOf(g.parts[part].Columns, column) + offset)
}

// AppendColumns appends R of every column of a part to dst.
func (g *Group) AppendColumns(dst [][]int32, part int) [][]int32 {
	block := 0
	for i := range g.parts[part].Columns {
		dst = append(dst, g.state[part].block(block))
		block += width(&g.parts[part].Columns[i])
	}
	return dst
}

// Text returns the string of an index in a string column; "" for 0 and for an index
// that the group was never told.
func (g *Group) Text(index int32) string { return g.texts[index] }

// Hash returns the pubHash of the copy, PROTOCOL.md 5.1.
func (g *Group) Hash() uint32 { return hashRows(g.parts, g.state, g.now) }
