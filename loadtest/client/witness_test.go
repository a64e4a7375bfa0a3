package client

import "testing"

func TestAWitnessComparesWhatBotsOfOneRoomSaw(t *testing.T) {
	w := NewWitness()
	if _, ok := w.testify("a", 1, 20, 0xabc); !ok {
		t.Error("the first testimony was doubted")
	}
	if _, ok := w.testify("a", 1, 20, 0xabc); !ok || w.Agreed() != 1 {
		t.Error("equal hashes did not agree")
	}
	if other, ok := w.testify("a", 1, 20, 0xdef); ok || other != 0xabc {
		t.Errorf("different hashes agreed; the other is %x", other)
	}
	for _, elsewhere := range []sighting{{"b", 1, 20}, {"a", 2, 20}, {"a", 1, 40}} {
		if _, ok := w.testify(elsewhere.room, elsewhere.slot, elsewhere.tick, 0xdef); !ok {
			t.Errorf("%v was compared with something else", elsewhere)
		}
	}
}

func TestAWitnessForgetsTheOldestWhenFull(t *testing.T) {
	w := NewWitness()
	for tick := range uint32(3 * witnessed) {
		w.testify("a", 1, tick, tick)
	}
	if len(w.hashes) != witnessed || len(w.order) != witnessed {
		t.Errorf("remembers %d hashes in %d places, want %d", len(w.hashes), len(w.order), witnessed)
	}
	if _, ok := w.testify("a", 1, 3*witnessed-1, 0); ok {
		t.Error("the newest is forgotten")
	}
	if _, ok := w.testify("a", 1, 0, 7); !ok {
		t.Error("the oldest is remembered")
	}
}
