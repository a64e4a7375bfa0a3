package delta

import (
	"bytes"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

func TestDeltasReachAsFarAsTheHistory(t *testing.T) {
	w := newWorld(t, 1, 1, 5)
	s := w.groups[0].stream
	if s.Keyframe() != nil || s.Delta(1, &w.prolog) != nil {
		t.Error("a delta before the first Commit")
	}
	for n := range 12 {
		w.step()
		for back := -1; back < 9; back++ {
			if got, want := s.Delta(back, &w.prolog) != nil, back >= 1 && back <= min(n, 5); got != want {
				t.Fatalf("send tick %d: delta %d back: %t", n, back, got)
			}
		}
	}
	s.Begin()
	if s.Delta(2, &w.prolog) != nil || s.Keyframe() != nil {
		t.Error("a delta between Begin and Commit")
	}
	if _, ok := s.Hash(0); ok {
		t.Error("a hash between Begin and Commit")
	}
}

func TestAStreamThatThePrologueDoesNotKnowEncodesNoStep(t *testing.T) {
	w := newWorld(t, 2, 2, 5)
	w.step()
	for _, g := range w.groups {
		g.stream.Begin()
		for part := range w.parts {
			w.target(g, part)
		}
		g.stream.Commit()
	}
	w.prolog.Reset(w.parts)
	w.prolog.Add(w.groups[0].stream)
	w.prolog.Finish()
	if w.groups[0].stream.Delta(1, &w.prolog) == nil || w.groups[1].stream.Delta(1, &w.prolog) != nil {
		t.Error("want a step of the added stream only")
	}
}

func TestEncodingsAreMadeOnceATick(t *testing.T) {
	w := newWorld(t, 3, 1, 9)
	s := w.groups[0].stream
	for range 12 {
		w.step()
	}
	ledger := NewLedger(w.parts)
	s.SetLedger(ledger)
	w.step()
	var made [][]byte
	for _, back := range []int{1, 2, 4, 9} {
		made = append(made, s.Delta(back, &w.prolog))
	}
	made = append(made, s.Keyframe())
	encodings := ledger.Encodings()
	kept := make([][]byte, len(made))
	for i := range made {
		kept[i] = slices.Clone(made[i])
	}
	again := [][]byte{s.Delta(1, &w.prolog), s.Delta(2, &w.prolog), s.Delta(4, &w.prolog), s.Delta(9, &w.prolog), s.Keyframe()}
	for i := range again {
		if &again[i][0] != &made[i][0] || !bytes.Equal(again[i], kept[i]) {
			t.Errorf("encoding %d is not the one made before", i)
		}
	}
	if encodings != len(made) || ledger.Encodings() != encodings {
		t.Errorf("%d encodings, then %d, want %d", encodings, ledger.Encodings(), len(made))
	}
}

func TestAGroupWithoutChangesTakesOneByte(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{{}, column(8, 0)}}, {Columns: []schema.Column{{}}}}
	s := NewStream(parts, 31, 0, 4)
	var p Prologue
	for range 2 {
		s.Begin()
		if s.Rows(0) == 0 {
			s.Enter(0, 1)
			s.Enter(1, 1)
		}
		s.Targets(0, 0)[0], s.Targets(0, 1)[0], s.Targets(1, 0)[0] = 1, 2, 3
		s.Commit()
		p.Reset(parts)
		p.Add(s)
		p.Finish()
	}
	if d := s.Delta(1, &p); len(d) != 1 {
		t.Errorf("%d bytes: %x", len(d), d)
	}
	if g := s.Gone(); len(g) != 2 || !bytes.Equal(g, AppendGone(nil, 31)) {
		t.Errorf("gone is %x", g)
	}
}

func TestAPartTakes65535RowsAndNoMore(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{column(8, 0)}}}
	s := NewStream(parts, 1, 0, 3)
	var p Prologue
	dec := NewDecoder(parts)
	frame := func(tick uint32, piece []byte) {
		t.Helper()
		p.Finish()
		if err := dec.Apply(tick, 1, schema.HeadPrologue, append(slices.Clone(p.Whole()), piece...)); err != nil {
			t.Fatal(err)
		}
		want, _ := s.Hash(0)
		if got := dec.Group(1); got.Rows(0) != s.Rows(0) || got.Hash() != want {
			t.Fatalf("tick %d: %d rows, want %d", tick, got.Rows(0), s.Rows(0))
		}
	}
	commit := func() {
		for row, id := range s.IDs(0) {
			s.Targets(0, 0)[row] = int32(id * 7)
		}
		s.Commit()
		p.Reset(parts)
		p.Add(s)
	}
	s.Begin()
	s.Enter(0, 1)
	commit()
	frame(1, s.Keyframe())
	s.Begin()
	for id := range uint32(MaxRows - 1) {
		if row := s.Enter(0, id+2); row != int(id)+1 {
			t.Fatalf("row %d for id %d", row, id+2)
		}
	}
	if row := s.Enter(0, 1<<20); row != -1 {
		t.Errorf("one more enters at row %d", row)
	}
	commit()
	frame(2, s.Delta(1, &p))
	s.Begin()
	for row := MaxRows - 1; row >= 0; row -= 2 {
		s.Leave(0, row, Hidden, 0)
	}
	commit()
	frame(3, s.Delta(1, &p))
	other := NewDecoder(parts)
	if err := other.Apply(3, 1, 0, s.Keyframe()); err != nil {
		t.Fatal(err)
	}
	if got, want := other.Group(1).Hash(), dec.Group(1).Hash(); got != want {
		t.Errorf("the keyframe gives %08x, steps %08x", got, want)
	}
}

func TestRowsThatAreNotThereDoNotLeave(t *testing.T) {
	w := newWorld(t, 3, 1, 9)
	s := w.groups[0].stream
	s.Begin()
	s.Enter(0, 1)
	for _, row := range []int{-1, 1, 9} {
		if _, ok := s.Leave(0, row, Hidden, 0); ok || s.Rows(0) != 1 {
			t.Errorf("row %d left", row)
		}
	}
}
