package delta

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// testDescriptor has every kind of field, an owner part and a single table.
func testDescriptor() *schema.Descriptor {
	return &schema.Descriptor{
		Game: "twin",
		Tables: []schema.TableType{
			{Name: "ships", Fields: []schema.Field{
				{Name: "x", Kind: schema.KindQuantised, Bits: 18, Min: 0, Max: 8000, Step: 0.05, Tolerance: 7, Flags: schema.FlagPredict | schema.FlagLerp},
				{Name: "y", Kind: schema.KindQuantised, Bits: 18, Min: 0, Max: 8000, Step: 0.05, Tolerance: 8, Flags: schema.FlagLerp},
				{Name: "angle", Kind: schema.KindAngle, Bits: 10, Tolerance: 8, Flags: schema.FlagLerp},
				{Name: "turret", Kind: schema.KindAngle, Bits: 1, Tolerance: 7, Flags: schema.FlagPredict},
				{Name: "pos", Kind: schema.KindQuantised, Bits: 8, Min: -1, Max: 1, Step: 0.01, Tolerance: 40, Count: 2},
				{Name: "hp", Kind: schema.KindUint, Bits: 8},
				{Name: "alive", Kind: schema.KindBool, Bits: 1},
				{Name: "speed", Kind: schema.KindFloat, Bits: 32},
				{Name: "score", Kind: schema.KindInt, Bits: 64},
				{Name: "rot", Kind: schema.KindQuat, Bits: 9, Step: 0.004, Tolerance: 8},
				{Name: "name", Kind: schema.KindString, Max: 64, Flags: schema.FlagOnce},
				{Name: "says", Kind: schema.KindString, Max: 64},
				{Name: "ammo", Kind: schema.KindInt, Bits: 16, Flags: schema.FlagOwner},
				{Name: "heat", Kind: schema.KindQuantised, Bits: 7, Max: 100, Step: 1, Tolerance: 7, Flags: schema.FlagOwner | schema.FlagPredict},
			}},
			{Name: "match", Single: true, Fields: []schema.Field{
				{Name: "phase", Kind: schema.KindInt, Bits: 32},
				{Name: "title", Kind: schema.KindString, Max: 64},
			}},
			{Name: "rocks", Fields: []schema.Field{
				{Name: "size", Kind: schema.KindUint, Bits: 16},
				{Name: "x", Kind: schema.KindQuantised, Bits: 24, Max: 1 << 24, Step: 1, Tolerance: 8},
			}},
		},
	}
}

// world moves random entities through groups and keeps, beside each stream, a dumb
// twin of what it must publish.
type world struct {
	t      *testing.T
	rnd    *rand.Rand
	parts  []schema.Part
	groups []*testGroup
	next   uint32 // id
	tick   uint32
	prolog Prologue
	header []byte
	limit  int // entities a part spawns up to, per group
	names  int
	asleep bool // nothing changes
}

type testGroup struct {
	stream *Stream
	slot   uint32
	twins  []map[uint32]*twin // by part, by id
	enters [][]uint32         // by part, what comes in from elsewhere this tick
	texts  map[int32]restedText
}

func newWorld(t *testing.T, seed uint64, groups, window int) *world {
	w := &world{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), parts: testDescriptor().Parts(), next: 1, limit: 6}
	w.tick = ^uint32(0) - uint32(w.rnd.IntN(40)) // counters may wrap at any time
	for i := range groups {
		slot := uint32(i * 40)
		s := NewStream(w.parts, slot, uint8(i%5), window)
		s.now = ^uint32(0) - uint32(w.rnd.IntN(40))
		g := &testGroup{stream: s, slot: slot, enters: make([][]uint32, len(w.parts)), texts: map[int32]restedText{}}
		for range w.parts {
			g.twins = append(g.twins, map[uint32]*twin{})
		}
		w.groups = append(w.groups, g)
	}
	return w
}

// step runs one send tick of every group.
func (w *world) step() {
	w.tick++
	for _, g := range w.groups {
		g.stream.Begin()
		for part := range w.parts {
			if !w.asleep {
				w.leave(g, part)
			}
		}
	}
	w.prolog.Reset(w.parts)
	w.sway()
	for _, g := range w.groups {
		for part := range w.parts {
			if !w.asleep {
				w.enter(g, part)
			}
		}
		for part := range w.parts {
			w.target(g, part)
		}
		g.stream.Commit()
		w.prolog.Add(g.stream)
		for part := range w.parts {
			g.check(w, part)
		}
	}
	w.prolog.Finish()
	w.header = w.prolog.Whole()
}

// sway makes columns hold, or not, at any time.
func (w *world) sway() {
	for part := range w.parts {
		for c := range w.parts[part].Columns {
			if w.parts[part].Columns[c].Linear && w.rnd.IntN(20) == 0 {
				w.prolog.censuses[part].columns[c].hold = w.rnd.IntN(2) == 0
			}
		}
	}
}

func (w *world) leave(g *testGroup, part int) {
	for row := g.stream.Rows(part) - 1; row >= 0; row-- {
		id := g.stream.IDs(part)[row]
		if w.rnd.IntN(25) > 0 || w.parts[part].Table == 1 {
			continue
		}
		why, to := Reason(w.rnd.IntN(3)), w.groups[w.rnd.IntN(len(w.groups))]
		if why != Despawned { // a hidden one may come back at once, even here
			to.enters[part] = append(to.enters[part], id)
		}
		last := g.stream.IDs(part)[g.stream.Rows(part)-1]
		moved, ok := g.stream.Leave(part, row, why, to.slot)
		if ok != (last != id) || ok && moved != last {
			w.t.Fatalf("leave of row %d moved %d, %t; the last was %d", row, moved, ok, last)
		}
		delete(g.twins[part], id)
	}
}

func (w *world) enter(g *testGroup, part int) {
	ids := g.enters[part]
	g.enters[part] = nil
	if !w.parts[part].In(g.stream.kind) {
		if row := g.stream.Enter(part, 1); row >= 0 {
			w.t.Fatalf("an owner row entered a group of kind %d", g.stream.kind)
		}
		return
	}
	if w.parts[part].Table == 1 {
		if g.stream.Rows(part) == 0 && w.rnd.IntN(4) == 0 {
			ids = append(ids, 1)
		}
	} else if g.stream.Rows(part) < w.limit && w.rnd.IntN(4) == 0 {
		for range 1 + w.rnd.IntN(3) {
			w.next += 1 + uint32(w.rnd.IntN(3))
			ids = append(ids, w.next)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		if row := g.stream.Enter(part, id); row != g.stream.Rows(part)-1 {
			w.t.Fatalf("entered at row %d of %d", row, g.stream.Rows(part))
		}
		g.twins[part][id] = newTwin(w, part)
	}
}

// target moves every entity and writes its values where the stream wants them.
func (w *world) target(g *testGroup, part int) {
	for c := range w.parts[part].Columns {
		col := &w.parts[part].Columns[c]
		targets := g.stream.Targets(part, c)
		for row, id := range g.stream.IDs(part) {
			tw := g.twins[part][id]
			if !w.asleep {
				tw.move(w.rnd, col, c)
			}
			if col.String {
				targets[row] = w.say(g, part, c, row, tw)
			} else {
				targets[row] = int32(tw.cells[c].target)
			}
		}
	}
	for _, tw := range g.twins[part] {
		tw.publish(w.parts[part].Columns, func(c int) bool { return g.stream.holds(part, c) })
	}
}

// say changes a string now and then and interns it.
func (w *world) say(g *testGroup, part, c, row int, tw *twin) int32 {
	cell := &tw.cells[c]
	if cell.fresh || !w.asleep && !w.parts[part].Columns[c].Once && w.rnd.IntN(6) == 0 {
		w.names++
		cell.text = [...]string{"", "Ada", "Grace", "Łukasz", "🚀 go", fmt.Sprint("n", w.names)}[w.rnd.IntN(6)]
	}
	index := g.stream.Intern(g.stream.R(part, c)[row], cell.text)
	if (index == 0) != (cell.text == "") {
		w.t.Fatalf("%q is string %d", cell.text, index)
	}
	cell.target = int64(index)
	g.rest(w, index, cell.text)
	return index
}

// restedText is what an index stood for, and when it was last seen in use.
type restedText struct {
	text string
	tick uint32
}

// rest fails the test if an index names a new text within the history.
func (g *testGroup) rest(w *world, index int32, text string) {
	was, ok := g.texts[index]
	if ok && was.text != text && w.tick-was.tick <= uint32(len(g.stream.ring)-1) {
		w.t.Fatalf("string %d was %q %d send ticks ago and is %q now", index, was.text, w.tick-was.tick, text)
	}
	g.texts[index] = restedText{text, w.tick}
}

// check compares what the stream publishes with the twin.
func (g *testGroup) check(w *world, part int) {
	w.t.Helper()
	if g.stream.Rows(part) != len(g.twins[part]) {
		w.t.Fatalf("part %d has %d rows, want %d", part, g.stream.Rows(part), len(g.twins[part]))
	}
	for c := range w.parts[part].Columns {
		col := &w.parts[part].Columns[c]
		state := g.stream.at(0).parts[part]
		block := blockOf(w.parts[part].Columns, c)
		for row, id := range g.stream.IDs(part) {
			want := g.twins[part][id].cells[c]
			got := []int32{state.block(block)[row], 0, 0}
			if col.Linear {
				got[1], got[2] = state.block(block + 1)[row], ageAt(int32(g.stream.now), state.block(block + 2)[row])
				if off := want.off(col); off > int64(col.Tolerance) {
					w.t.Fatalf("%s of %d is off by %d, tolerance %d", col.Name, id, off, col.Tolerance)
				}
			}
			if got[0] != int32(want.r) || got[1] != int32(want.v) || got[2] != int32(want.k) {
				w.t.Fatalf("%s of %d is %v, the twin says %d %d %d", col.Name, id, got, want.r, want.v, want.k)
			}
		}
	}
}
