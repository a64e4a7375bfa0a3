package results

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAJournalIsWhatAListWouldBe walks at random: results come, go, stay, and the journal is
// closed and opened, with segments so small that they are made, emptied and deleted all the time.
func TestAJournalIsWhatAListWouldBe(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		var j *journal
		reopen := func() {
			if j != nil {
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
			j = mustOpen(t, dir, osDisk())
			j.segmentSize = 500 // five results
		}
		reopen()
		var list []string
		for n := range 400 {
			id := fmt.Sprint(n)
			keep(t, j, id)
			list = append(list, id)
			for len(list) > 0 && r.IntN(2) == 0 { // the newest stay for long, the oldest for ever
				at := len(list) - 1 - r.IntN(min(len(list), 5))
				if err := j.Done(t.Context(), list[at]); err != nil {
					t.Fatal(err)
				}
				list = slices.Delete(list, at, at+1)
			}
			if r.IntN(20) == 0 {
				reopen()
			}
		}
		reopen()
		if got := waiting(t, j); !slices.Equal(got, list) {
			t.Fatalf("seed %d: %v wait, want %v", seed, got, list)
		}
		live, segments := len(list)*90, len(mustNumbers(t, dir))
		if most := 2*live/500 + 2*spareSegments + 30; segments > most {
			t.Errorf("seed %d: %d segments for %d results", seed, segments, len(list))
		}
		j.Close()
	}
}
