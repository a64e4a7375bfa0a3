package delta

import (
	"math/rand/v2"
	"testing"
)

func TestALedgerBooksEveryBitOfEveryEncodingForEachWhoGotIt(t *testing.T) {
	w := newWorld(t, 5, 5, 16)
	ledger, rnd := NewLedger(w.parts), rand.New(rand.NewPCG(1, 2))
	for _, g := range w.groups {
		g.stream.SetLedger(ledger)
	}
	var made, sent uint64
	kinds := map[Kind]uint64{}
	for range 200 {
		ledger.Settle()
		w.step()
		for _, g := range w.groups {
			for _, back := range []int{0, 1, 2, 5} {
				encoded := g.stream.Keyframe()
				if back > 0 {
					encoded = g.stream.Delta(back, &w.prolog)
				}
				if encoded == nil {
					continue
				}
				near, far := rnd.IntN(4), rnd.IntN(2)
				g.stream.Sent(back, near, false)
				g.stream.Sent(back, far, true)
				g.stream.Sent(back, 3, false)
				g.stream.Sent(back, -3, false) // did not get through
				bits := uint64(len(encoded)) * 8
				made += bits
				sent += bits * uint64(near+far)
				kinds[Kind(g.stream.kind)] += bits * uint64(near)
				kinds[Far] += bits * uint64(far)
			}
		}
		w.groups[0].stream.Sent(7, 1, false) // nobody made that
		for _, form := range []struct {
			changes bool
			bytes   int
		}{{false, len(w.header)}, {true, len(w.prolog.Changes())}} {
			copies := rnd.IntN(3)
			ledger.Prologue(form.changes, form.bytes, copies)
			if copies > 0 {
				made += uint64(form.bytes) * 8
			}
			sent += uint64(form.bytes*copies) * 8
		}
	}
	ledger.Settle()
	sum := func(words []uint64) (n uint64) {
		for _, bits := range words[:ledger.width] {
			n += bits
		}
		return n
	}
	if got := sum(ledger.Made); got != made {
		t.Errorf("%d bits made, want %d", got, made)
	}
	if got := sum(ledger.Sent); got != sent {
		t.Errorf("%d bits sent, want %d", got, sent)
	}
	for _, kind := range Kinds() {
		if got := ledger.Sent[ledger.Kind(kind)]; got != kinds[kind] || got == 0 {
			t.Errorf("%v: %d bits sent, want %d", kind, got, kinds[kind])
		}
	}
}
