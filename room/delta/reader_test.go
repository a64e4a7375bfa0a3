package delta

import (
	"fmt"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// reader is a client of a world that gets some of its frames, and in them some of
// the groups.
type reader struct {
	w    *world
	dec  *Decoder
	held map[uint32]uint32 // slot: tick
	told uint32            // tick of the newest prologue it got
	had  bool              // it got one
}

func newReader(w *world) *reader {
	return &reader{w: w, dec: NewDecoder(w.parts), held: map[uint32]uint32{}}
}

// frame is one snapshot's deltas.
type frame struct {
	tick   uint32
	flags  uint8
	deltas []byte
}

// make builds the next frame: every group by its step, span or keyframe, unless it is
// skipped or dropped out of sight.
func (rd *reader) make(skip, gone, reset float64) frame {
	w := rd.w
	f := frame{tick: w.tick}
	if w.rnd.Float64() < reset {
		f.flags |= schema.HeadReset
		clear(rd.held)
	}
	steps := false
	var body []byte
	for _, g := range w.groups {
		tick, holds := rd.held[g.slot]
		switch {
		case w.rnd.Float64() < skip:
			continue
		case holds && w.rnd.Float64() < gone:
			body = append(body, g.stream.Gone()...)
			delete(rd.held, g.slot)
			continue
		}
		var piece []byte
		if holds && w.rnd.IntN(50) > 0 {
			piece = g.stream.Delta(int(w.tick-tick), &w.prolog)
			steps = steps || w.tick-tick == 1
		}
		if piece == nil {
			piece = g.stream.Keyframe()
		}
		body = append(body, piece...)
		rd.held[g.slot] = w.tick
	}
	if steps {
		f.flags |= schema.HeadPrologue
		if rd.had && rd.told == w.tick-1 && f.flags&schema.HeadReset == 0 && w.rnd.IntN(20) > 0 {
			f.deltas = append(f.deltas, w.prolog.Changes()...)
		} else {
			f.deltas = append(f.deltas, w.header...)
		}
		rd.told, rd.had = w.tick, true
	}
	f.deltas = append(f.deltas, body...)
	return f
}

// apply decodes the frame and compares every group that it brought up to date.
func (rd *reader) apply(f frame) error {
	if err := rd.dec.Apply(f.tick, 1, f.flags, f.deltas); err != nil {
		return err
	}
	n := 0
	for range rd.dec.Groups() {
		n++
	}
	if n != len(rd.held) {
		return fmt.Errorf("%d groups held, want %d", n, len(rd.held))
	}
	for _, g := range rd.w.groups {
		if tick, ok := rd.held[g.slot]; ok && tick == f.tick {
			if err := g.same(rd.w.parts, rd.dec.Group(g.slot)); err != nil {
				return fmt.Errorf("group %d: %w", g.slot, err)
			}
		}
	}
	return nil
}

// told returns the blocks of a part, with ages instead of the send ticks they follow from.
func (t *rows) told(columns []schema.Column, now int32) (blocks [][]int32) {
	ages := func(b int) (all []int32) {
		for _, at := range t.block(b) {
			all = append(all, ageAt(now, at))
		}
		return all
	}
	at := 0
	for i := range columns {
		if blocks = append(blocks, t.block(at)); columns[i].Linear {
			blocks = append(blocks, t.block(at+1), ages(at+2))
		}
		at += width(&columns[i])
	}
	return append(blocks, ages(at))
}

// same compares a client's copy with the published state.
func (g *testGroup) same(parts []schema.Part, got *Group) error {
	if got.Kind != g.stream.kind || got.Slot != g.slot {
		return fmt.Errorf("is slot %d kind %d", got.Slot, got.Kind)
	}
	for part := range parts {
		if !slices.Equal(got.IDs(part), g.stream.IDs(part)) {
			return fmt.Errorf("part %d: ids %v, want %v", part, got.IDs(part), g.stream.IDs(part))
		}
		have, want := got.state[part].told(parts[part].Columns, got.now), g.stream.at(0).parts[part].told(parts[part].Columns, int32(g.stream.now))
		for b := range want {
			if !slices.Equal(have[b], want[b]) {
				return fmt.Errorf("part %d block %d: %v, want %v", part, b, have[b], want[b])
			}
		}
		for c := range parts[part].Columns {
			if !parts[part].Columns[c].String {
				continue
			}
			for row, id := range got.IDs(part) {
				want := g.twins[part][id].cells[c].text
				if have := got.Text(got.R(part, c)[row]); have != want {
					return fmt.Errorf("%s of %d is %q, want %q", parts[part].Columns[c].Name, id, have, want)
				}
			}
		}
	}
	if want, _ := g.stream.Hash(0); got.Hash() != want {
		return fmt.Errorf("hash %08x, want %08x", got.Hash(), want)
	}
	return nil
}

func TestEveryPathThroughAStreamEndsInThePublishedState(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed, 1+int(seed%4), 1+int(seed*7%40))
			w.limit = []int{6, 60}[seed%2]
			readers := make([]*reader, 5)
			for i := range readers {
				readers[i] = newReader(w)
			}
			for n := range 250 {
				w.step()
				for i, rd := range readers {
					// The first gets every frame, the next ones ever fewer.
					if w.rnd.IntN(1+i*i) > 0 || i > 0 && n%97 > 50 {
						continue
					}
					f := rd.make(float64(i)*0.1, float64(i)*0.02, float64(i)*0.01)
					if err := rd.apply(f); err != nil {
						t.Fatalf("reader %d, send tick %d: %v", i, n, err)
					}
				}
			}
		})
	}
}

func TestHashesOfTheHistoryAreThoseOfTheirTick(t *testing.T) {
	w := newWorld(t, 5, 1, 7)
	s := w.groups[0].stream
	var hashes []uint32
	for range 40 {
		w.step()
		h, ok := s.Hash(0)
		if !ok {
			t.Fatal("no hash of a committed tick")
		}
		hashes = append(hashes, h)
		for back := range min(8, len(hashes)) {
			s.ring[(s.head-back+len(s.ring))%len(s.ring)].hashed = false
			if h, ok := s.Hash(back); !ok || h != hashes[len(hashes)-1-back] {
				t.Fatalf("hash %d back is %08x, %t, was %08x", back, h, ok, hashes[len(hashes)-1-back])
			}
		}
		if _, ok := s.Hash(8); ok {
			t.Fatal("a hash from beyond the window")
		}
	}
}

func TestTheTalliesOfBothSidesAgreeAndMissNoBit(t *testing.T) {
	w := newWorld(t, 8, 1, 32)
	rd := newReader(w)
	ledger, got := NewLedger(w.parts), NewTally(w.parts)
	w.groups[0].stream.SetLedger(ledger)
	rd.dec.SetTally(got)
	bits := uint64(0)
	for range 200 {
		ledger.Settle()
		w.step()
		if w.rnd.IntN(3) == 0 {
			continue
		}
		f := rd.make(0, 0.02, 0.02)
		if err := rd.apply(f); err != nil {
			t.Fatal(err)
		}
		if got.Overhead[Header]%8 != 0 && got.Total()%8 != 0 {
			t.Fatalf("%d bits", got.Total())
		}
		bits += uint64(len(f.deltas)) * 8
	}
	if got.Total() != bits {
		t.Errorf("the decoder counted %d bits of %d", got.Total(), bits)
	}
	ledger.Settle()
	for part := range got.Columns {
		for c, bits := range got.Columns[part] {
			if made := ledger.Made[ledger.Column(part, c)]; made != bits {
				t.Errorf("part %d, column %d: made %d, got %d", part, c, made, bits)
			}
		}
	}
	for _, kind := range []Overhead{Strings, Log, Awake} {
		if made := ledger.Made[ledger.Overhead(kind)]; made != got.Overhead[kind] || made == 0 {
			t.Errorf("%s: made %d, got %d", kind, made, got.Overhead[kind])
		}
	}
}
