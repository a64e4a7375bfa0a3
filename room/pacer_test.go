package room

import (
	"testing"
	"time"
)

func TestPacerKeepsAbsoluteDeadlines(t *testing.T) {
	start := time.Unix(0, 0)
	p := newPacer(50*time.Millisecond, start)
	for i := range 100 {
		want := start.Add(time.Duration(i) * 50 * time.Millisecond)
		now := want.Add(time.Duration(i%7) * time.Millisecond) // woken a little late
		if p.wait(now) != 0 {
			t.Fatalf("tick %d: wait %v at its deadline", i, p.wait(now))
		}
		got, skipped := p.take(now)
		if !got.Equal(want) || skipped != 0 {
			t.Fatalf("tick %d: deadline %v skipped %d, want %v and 0", i, got, skipped, want)
		}
	}
}

func TestPacerCatchesUpThreeTicksAndGivesUpTheRest(t *testing.T) {
	const period = 50 * time.Millisecond
	for behind := range 40 { // whole periods that the first deadline is past
		start := time.Unix(0, 0)
		p := newPacer(period, start)
		now := start.Add(time.Duration(behind)*period + period/2)
		ran, skipped := 0, 0
		for p.wait(now) == 0 {
			_, s := p.take(now)
			ran, skipped = ran+1, skipped+s
		}
		if want := min(behind+1, maxCatchUp); ran != want {
			t.Errorf("%d periods behind: %d ticks ran at once, want %d", behind, ran, want)
		}
		if ran+skipped != behind+1 {
			t.Errorf("%d periods behind: %d ran and %d skipped, want %d together", behind, ran, skipped, behind+1)
		}
	}
}
