package client

import (
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestAnInputWaitsFromItsIntendedInstantToItsTick(t *testing.T) {
	var e echo
	var w waited
	e.due(100*ms, 7)
	e.due(150*ms, 8)
	e.answer(180*ms, 6, 6, &w)
	if len(w.echo)+len(w.effect) != 0 {
		t.Fatalf("answered before its tick: %+v", w)
	}
	e.answer(220*ms, 7, 7, &w)
	if !slices.Equal(w.echo, []time.Duration{120 * ms}) || !slices.Equal(w.effect, []time.Duration{120 * ms}) {
		t.Errorf("tick 7: %+v", w)
	}
	w.reset()
	e.answer(270*ms, 8, 7, &w) // the input for 8 came too late: it shows nothing, and nobody has it
	if len(w.echo) != 0 || !slices.Equal(w.effect, []time.Duration{120 * ms}) {
		t.Errorf("tick 8: %+v", w)
	}
	w.reset()
	e.answer(320*ms, 9, 9, &w)
	if !slices.Equal(w.echo, []time.Duration{170 * ms}) {
		t.Errorf("tick 9: %+v", w)
	}
}

func TestEveryInputDueInAPauseCountsWithItsWholeWait(t *testing.T) {
	var e echo
	var w waited
	for i := range 40 { // two seconds of them, while the server stands still
		e.due(time.Duration(i)*50*ms, uint32(i+2))
	}
	e.answer(2000*ms, 60, 60, &w) // it has given up no tick, and all at once answers
	if len(w.echo) != 40 || w.echo[0] != 2000*ms || w.echo[39] != 50*ms {
		t.Errorf("%d waits, from %v to %v", len(w.echo), w.echo[0], w.echo[len(w.echo)-1])
	}
}

func TestTicksOutOfOrderHoldUpNobody(t *testing.T) {
	var e echo
	var w waited
	e.due(0, 50) // before the room gave up wall time
	e.due(100*ms, 7)
	e.answer(200*ms, 7, 7, &w)
	if !slices.Equal(w.echo, []time.Duration{100 * ms}) {
		t.Errorf("%+v", w)
	}
}

func TestAckAndTickMayWrap(t *testing.T) {
	var e echo
	var w waited
	e.due(0, 0xffff_fffe)
	e.due(0, 2)
	e.answer(50*ms, 1, 0xffff, &w)
	if len(w.echo) != 1 || len(w.effect) != 1 {
		t.Errorf("%+v", w)
	}
}

func TestWhatWaitsAtTheEndCountsIfItHasWaitedLong(t *testing.T) {
	var e echo
	var w waited
	e.due(0, 7)
	e.due(2900*ms, 8)
	e.end(3000*ms, &w)
	if !slices.Equal(w.echo, []time.Duration{3000 * ms}) || len(e.acking) != 0 {
		t.Errorf("%+v", w)
	}
}

func TestInputsWaitInBoundedMemory(t *testing.T) {
	var e echo
	var w waited
	for i := range 2 * maxWaiting {
		e.due(time.Duration(i), uint32(1000+i))
		if i%20 == 0 {
			e.answer(time.Duration(i), 5, 5, &w)
		}
	}
	e.answer(time.Second, 5, 5, &w)
	if len(e.acking) > maxWaiting || len(w.echo) < maxWaiting {
		t.Errorf("%d wait, %d were given up", len(e.acking), len(w.echo))
	}
}
