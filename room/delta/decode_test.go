package delta

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// recorded is a golden file as a client gets it.
type recorded struct {
	parts  []schema.Part
	frames []frame
}

// recordings returns the golden files.
func recordings(t testing.TB) []recorded {
	var out []recorded
	for _, name := range []string{"streams.json", "sections.json"} {
		file := readGolden(t, name)
		r := recorded{parts: file.Descriptor.parts()}
		for _, f := range file.Frames {
			deltas, err := hex.DecodeString(f.Deltas)
			if err != nil {
				t.Fatal(err)
			}
			r.frames = append(r.frames, frame{f.Tick, f.Flags, deltas})
		}
		out = append(out, r)
	}
	return out
}

// upTo returns a decoder that has applied the first n frames.
func (r *recorded) upTo(t testing.TB, n int) *Decoder {
	d := NewDecoder(r.parts)
	for _, f := range r.frames[:n] {
		if err := d.Apply(f.tick, 1, f.flags, f.deltas); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestEveryPrefixOfAFrameFailsOrEndsBetweenGroups(t *testing.T) {
	for _, r := range recordings(t) {
		for n, f := range r.frames[:8] {
			whole := 0
			for size := range len(f.deltas) {
				d := r.upTo(t, n)
				err := d.Apply(f.tick, 1, f.flags, f.deltas[:size])
				if err == nil {
					whole++
				} else if !errors.Is(err, ErrDelta) {
					t.Fatalf("frame %d cut to %d: %v does not wrap ErrDelta", n, size, err)
				}
			}
			if whole > 3 { // after nothing or the prologue, and after each group but the last
				t.Errorf("frame %d: %d prefixes pass", n, whole)
			}
		}
	}
}

func TestAnErrorStaysUntilAReset(t *testing.T) {
	r := recordings(t)[0]
	all, d := r.frames, r.upTo(t, 2)
	if err := d.Apply(all[2].tick, 1, all[2].flags, []byte{1}); !errors.Is(err, ErrDelta) {
		t.Fatalf("error %v", err)
	}
	if err := d.Apply(all[2].tick, 1, all[2].flags, all[2].deltas); !errors.Is(err, ErrDelta) {
		t.Fatalf("after an error: %v", err)
	}
	if err := d.Apply(all[0].tick, 1, all[0].flags|schema.HeadReset, all[0].deltas); err != nil {
		t.Fatalf("with the reset flag: %v", err)
	}
}

func TestProtocolErrorsAreFound(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{{}, column(8, 0), {String: true}}}}
	s := NewStream(parts, 5, 1, 8)
	var p Prologue
	for n := range int32(3) {
		s.Begin()
		if s.Rows(0) == 0 {
			s.Enter(0, 1)
			s.Enter(0, 2)
		}
		for c := range 3 {
			clear(s.Targets(0, c))
		}
		s.Targets(0, 0)[1] = n
		s.Commit()
		p.Reset(parts)
		p.Add(s)
	}
	p.Finish()
	head := p.Whole()
	key := s.Keyframe()
	step := append(append([]byte{}, head...), s.Delta(1, &p)...)
	// write builds a frame bit by bit: pairs of value and width.
	write := func(pairs ...uint32) []byte {
		var w bitcode.Writer
		for i := 0; i < len(pairs); i += 2 {
			w.Bits(pairs[i], uint(pairs[i+1]))
		}
		return w.Bytes()
	}
	tests := []struct {
		name   string
		held   uint32 // tick of the keyframe before
		flags  uint8
		deltas []byte
	}{
		{"a step from another baseline", 8, schema.HeadPrologue, step},
		{"a step without a prologue", 9, 0, s.Delta(1, &p)},
		{"changes to a prologue it never had", 9, schema.HeadPrologue, append(append([]byte{}, p.Changes()...), s.Delta(1, &p)...)},
		{"a span from another baseline", 9, 0, s.Delta(2, &p)},
		{"a quiet step from another baseline", 8, 0, write(5<<2|3, 8)},
		{"a quiet step of a group that is not held", 9, 0, write(6<<2|3, 8)},
		{"a span of one", 9, 0, write(5<<2|1, 8, 1, 8, 0, 4)},
		{"a group that is not held", 9, 0, write(6<<2|1, 8, 2, 8, 0, 4)},
		{"a group twice", 8, 0, append(append([]byte{}, s.Delta(2, &p)...), s.Delta(2, &p)...)},
		{"padding that is not zero", 8, 0, write(5<<2|1, 8, 2, 8, 0, 4, 1, 4)},
		{"a section in a span", 8, 0, write(5<<2|1, 8, 2, 8, 0, 2, 3, 2, 0, 4)},
		{"string 0", 8, 0, write(5<<2|1, 8, 2, 8, 1, 1, 1, 5, 0, 5, 0, 5)},
		{"a string that is not UTF-8", 8, 0, write(5<<2|1, 8, 2, 8, 1, 1, 1, 5, 1, 5, 1, 5, 255, 8, 0, 3)},
		{"more batches than send ticks", 8, 0, write(5<<2|1, 8, 2, 8, 0, 1, 1, 1, 3, 5, 0, 30, 0, 10)},
		{"a row that is not there leaves", 8, 0, write(5<<2|1, 8, 2, 8, 0, 1, 1, 1, 1, 5, 1, 5, 2, 5, 0, 2, 0, 20)},
		{"rows leave in ascending order", 8, 0, write(5<<2|1, 8, 2, 8, 0, 1, 1, 1, 1, 5, 2, 5, 0, 5, 0, 2, 1, 5, 0, 2, 0, 20)},
		{"a reason of 3", 8, 0, write(5<<2|1, 8, 2, 8, 0, 1, 1, 1, 1, 5, 1, 5, 1, 5, 3, 2, 0, 20)},
		{"an id enters twice", 8, 0, write(5<<2|1, 8, 2, 8, 0, 1, 1, 1, 1, 5, 0, 5, 2, 5, 9, 5, 0, 5, 0, 30)},
		{"too many rows", 8, 0, write(5<<2|2, 8, 0, 8, 0, 1, 31, 5, 31, 5, 31, 5, 31, 5, 1, 5, 1, 1, 0, 5, 0, 32)},
		{"a kind of 5", 8, 0, write(5<<2|2, 8, 5, 8, 0, 8)},
		{"k of 0", 8, 0, write(5<<2|2, 8, 0, 8, 0, 1, 1, 5, 1, 1, 0, 5, 3, 3, 0, 1, 0, 1, 0, 1, 1, 1, 0, 5, 7, 4, 0, 6)},
		{"a sparse value that is not there", 8, 0, write(5<<2|2, 8, 0, 8, 0, 1, 1, 5, 1, 1, 31, 5, 1, 5, 1, 5, 2, 5, 0, 32)},
		{"bytes left over", 8, 0, append(s.Delta(2, &p)[:len(s.Delta(2, &p)):len(s.Delta(2, &p))], 0)},
	}
	for _, tt := range tests {
		d := NewDecoder(parts)
		if err := d.Apply(tt.held, 1, 0, key); err != nil {
			t.Fatal(err)
		}
		err := d.Apply(10, 1, tt.flags, tt.deltas)
		if !errors.Is(err, ErrDelta) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		t.Logf("%s: %v", tt.name, err)
	}
}

// FuzzDecoderBearsAnyBytes applies a frame of any bytes after n golden frames, and
// then the rest.
func FuzzDecoderBearsAnyBytes(f *testing.F) {
	all := recordings(f)
	for which, r := range all {
		for n, fr := range r.frames {
			f.Add(which == 1, uint8(n), fr.flags, fr.deltas)
		}
	}
	f.Fuzz(func(t *testing.T, second bool, n, flags uint8, deltas []byte) {
		r := &all[0]
		if second {
			r = &all[1]
		}
		at := int(n) % len(r.frames)
		d := r.upTo(t, at)
		if err := d.Apply(r.frames[at].tick, 1, flags, deltas); err != nil && !errors.Is(err, ErrDelta) {
			t.Fatalf("error %v", err)
		}
		checkHeld(t, d)
	})
}

// checkHeld fails unless everything the decoder holds can be read.
func checkHeld(t *testing.T, d *Decoder) {
	for g := range d.Groups() {
		_ = g.Hash()
		for part := range g.parts {
			if g.Rows(part) > MaxRows {
				t.Fatalf("%d rows", g.Rows(part))
			}
			for c := range g.parts[part].Columns {
				for _, r := range g.R(part, c) {
					_ = g.Text(r)
				}
			}
		}
	}
}

func TestMutatedFramesNeverPanic(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 0))
	for _, r := range recordings(t) {
		for round := range 4000 {
			at := rnd.IntN(len(r.frames))
			if round%2 == 0 {
				at = rnd.IntN(4)
			}
			d := r.upTo(t, at)
			deltas := append([]byte{}, r.frames[at].deltas...)
			for range 1 + rnd.IntN(4) {
				deltas[rnd.IntN(len(deltas))] ^= 1 << rnd.IntN(8)
			}
			if err := d.Apply(r.frames[at].tick, 1, r.frames[at].flags, deltas); err != nil && !errors.Is(err, ErrDelta) {
				t.Fatalf("round %d: %v", round, err)
			}
			checkHeld(t, d)
		}
	}
}

func TestWhatADecoderHoldsInAllIsBounded(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{{String: true}}}}
	s := NewStream(parts, 0, 0, 1)
	s.Begin()
	for id := range uint32(MaxRows) {
		s.Enter(0, id+1)
	}
	clear(s.Targets(0, 0))
	s.Targets(0, 0)[0] = s.Intern(0, "four")
	s.Commit()
	d := NewDecoder(parts)
	groups := uint32(0)
	for ; groups < 64; groups++ {
		deltas := append(bitcode.AppendLeb(nil, groups<<2|formKeyframe), s.Keyframe()[1:]...)
		if err := d.Apply(1, 1, 0, deltas); err != nil {
			t.Log(err)
			break
		}
	}
	if groups != maxHeldRows/MaxRows {
		t.Errorf("%d groups of %d rows", groups, MaxRows)
	}
	d.Reset()
	if err := d.Apply(1, 1, 0, s.Keyframe()); err != nil || d.rows != maxHeldRows-MaxRows || d.bytes != maxHeldBytes-4 {
		t.Fatalf("room for %d rows and %d bytes, error %v", d.rows, d.bytes, err)
	}
	if err := d.Apply(2, 1, 0, s.Gone()); err != nil || d.rows != maxHeldRows || d.bytes != maxHeldBytes {
		t.Errorf("after gone, room for %d rows and %d bytes, error %v", d.rows, d.bytes, err)
	}
	d.bytes = 3
	if err := d.Apply(3, 1, 0, s.Keyframe()); !errors.Is(err, ErrDelta) {
		t.Errorf("a string that does not fit: error %v", err)
	}
}
