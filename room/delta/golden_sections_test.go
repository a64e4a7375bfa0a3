package delta

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// goldenSections makes frames of steps large enough to be range-coded: bodies of which
// few are awake, with a number that now and then jumps as far as it can; at last they
// move on as expected, in quiet steps.
func goldenSections(t *testing.T) goldenFile {
	desc := &schema.Descriptor{Game: "sections", Tables: []schema.TableType{{Name: "bodies", Fields: []schema.Field{
		{Name: "x", Kind: schema.KindQuantised, Bits: 18, Max: 8000, Step: 0.05, Tolerance: 8},
		{Name: "angle", Kind: schema.KindAngle, Bits: 10, Tolerance: 8},
		{Name: "y", Kind: schema.KindInt, Bits: 32},
		{Name: "loud", Kind: schema.KindBool, Bits: 1},
		{Name: "seed", Kind: schema.KindUint, Bits: 32},
	}}}}
	parts := desc.Parts()
	s, dec := NewStream(parts, 9, 1, 4), NewDecoder(parts)
	file := goldenFile{Descriptor: describe(desc), SendEvery: 1}
	var p Prologue
	rnd := rand.New(rand.NewPCG(9, 9))
	sections := 0
	for tick := uint32(1); tick <= 18; tick++ {
		s.Begin()
		for id := uint32(s.Rows(0) + 1); id <= 40+min(tick, 16)/4; id++ {
			s.Enter(0, id)
		}
		for c := range parts[0].Columns {
			targets := s.Targets(0, c)
			for row, r := range s.R(0, c) {
				if tick > 16 {
					targets[row] = (r + velocity(s, c, row)) & (parts[0].Columns[c].Wrap - 1)
				} else if targets[row] = r; (row+int(tick))%5 == 0 {
					targets[row] = pushed(rnd, c, r)
				}
			}
		}
		s.Commit()
		p.Reset(parts)
		p.Add(s)
		p.Finish()
		f := frame{tick, schema.HeadPrologue, p.Whole()}
		switch {
		case tick == 1:
			f.flags, f.deltas = schema.HeadReset, s.Keyframe()
		case tick%6 != 2:
			f.deltas = p.Changes()
		}
		if tick > 1 {
			step := s.Delta(1, &p)
			f.deltas = append(slices.Clone(f.deltas), step...)
			if quiet := len(step) == 1; quiet != (tick > 16) {
				t.Fatalf("tick %d has a step of %d bytes", tick, len(step))
			}
			if p.censuses[0].worth(len(s.tables[0].awake)) {
				sections++
			}
		}
		if err := dec.Apply(f.tick, 1, f.flags, f.deltas); err != nil {
			t.Fatal(err)
		}
		file.Frames = append(file.Frames, goldenFrame{f.tick, f.flags, hex.EncodeToString(f.deltas), state(dec)})
	}
	if sections < 10 {
		t.Fatalf("only %d steps have a section", sections)
	}
	return file
}

// velocity is V of a row, 0 in a hold column.
func velocity(s *Stream, column, row int) int32 {
	columns := s.parts[0].Columns
	if !columns[column].Linear {
		return 0
	}
	return s.at(0).parts[0].block(blockOf(columns, column) + 1)[row]
}

// pushed is where a body's column goes that is awake.
func pushed(rnd *rand.Rand, column int, r int32) int32 {
	switch column {
	case 3:
		return rnd.Int32N(2)
	case 4:
		if rnd.IntN(12) == 0 {
			return []int32{math.MinInt32, math.MaxInt32, 0, int32(rnd.Uint32())}[rnd.IntN(4)]
		}
		return r
	}
	return (r + rnd.Int32N(400>>rnd.IntN(7)) - 2) & 16383
}
