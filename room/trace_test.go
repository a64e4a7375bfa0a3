package room

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// begun starts a trace of a room that a test drives by hand.
func begun(t *testing.T, r *Room, cfg TraceConfig) *Trace {
	t.Helper()
	var rec *Trace
	err := make(chan error, 1)
	go func() {
		var e error
		rec, e = r.Trace(context.Background(), cfg)
		err <- e
	}()
	serve(r)
	if e := <-err; e != nil {
		t.Fatal(e)
	}
	return rec
}

// serve answers what Trace asks of the room: twice.
func serve(r *Room) {
	for range 2 {
		q := <-r.mailbox
		q.serve(time.Now())
	}
}

func handDriven(t *testing.T, game *sim.Definition) *Room {
	t.Helper()
	r, err := New(Config{Game: game, ID: "driven", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every frame must have exactly the entities that the table has, an entity must stay
// in its slot, and a slot must rest between two.
func TestATraceHasEveryEntityOfEveryTick(t *testing.T) {
	r := handDriven(t, pondGame)
	rec := begun(t, r, TraceConfig{Ticks: 300})
	store := r.sim.Store(0)
	width := len(rec.Fields)
	in, left := map[int]int32{}, map[int]int{}
	moves := 0
	born := -1
	for i, f := range rec.Fields {
		if f.Name == "born.low" {
			born = i // names the entity: its id is in it
		}
	}
	for tick := range 300 {
		r.tick(time.Now())
		frame, err := rec.Next(t.Context())
		if err != nil {
			t.Fatalf("tick %d: %v", tick, err)
		}
		live := 0
		for at := range rec.Slots {
			values := frame[at*width:][:width]
			was, there := in[at]
			if values[0] == absent {
				if there {
					delete(in, at)
					left[at] = tick
				}
				continue
			}
			live++
			if there && was != values[born] {
				t.Fatalf("tick %d: slot %d had entity %d and has %d", tick, at, was, values[born])
			}
			if !there {
				if before, ok := left[at]; ok && tick-before < r.tickRate {
					t.Errorf("tick %d: slot %d rested for %d ticks only", tick, at, tick-before)
				}
				moves++
			}
			in[at] = values[born]
		}
		if want := len(store.LiveSlots(nil)); live != want {
			t.Fatalf("tick %d: %d entities recorded, %d there", tick, live, want)
		}
		rec.Release(frame)
	}
	if moves < 20 {
		t.Errorf("only %d entities came: nothing is proved", moves)
	}
	r.tick(time.Now())
	if _, err := rec.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("after the last frame: %v", err)
	}
	if len(r.traces) != 0 {
		t.Error("the room still records")
	}
}

func TestATraceThatIsNotReadEndsInsteadOfLeavingAGap(t *testing.T) {
	r := handDriven(t, wanderGame)
	rec := begun(t, r, TraceConfig{Ticks: 1000})
	for range traceBuffer + 5 {
		r.tick(time.Now())
	}
	for n := 0; ; n++ {
		frame, err := rec.Next(t.Context())
		if err == nil {
			rec.Release(frame)
			continue
		}
		if !errors.Is(err, ErrTraceSlow) || n != traceBuffer {
			t.Errorf("after %d frames: %v", n, err)
		}
		return
	}
}

func TestATraceWithTooFewSlotsSaysSo(t *testing.T) {
	r := handDriven(t, wanderGame)
	rec := begun(t, r, TraceConfig{Ticks: 10, Slots: 49})
	r.tick(time.Now())
	if _, err := rec.Next(t.Context()); !errors.Is(err, ErrTraceFull) {
		t.Error(err)
	}
}

func TestTracesAreBoundedAndCloseWhenTheirReaderGoes(t *testing.T) {
	r := handDriven(t, wanderGame)
	var all []*Trace
	for range maxTraces {
		all = append(all, begun(t, r, TraceConfig{Table: "ships", Ticks: 10}))
	}
	refused := make(chan error)
	go func() {
		_, err := r.Trace(context.Background(), TraceConfig{Ticks: 10})
		refused <- err
	}()
	serve(r)
	if err := <-refused; !errors.Is(err, ErrTraces) {
		t.Error(err)
	}
	all[0].Close()
	r.tick(time.Now())
	if len(r.traces) != maxTraces-1 {
		t.Errorf("%d traces left", len(r.traces))
	}
	if _, err := r.Trace(t.Context(), TraceConfig{Table: "boats", Ticks: 1}); !errors.Is(err, ErrNoTable) {
		t.Error(err)
	}
	if _, err := r.Trace(t.Context(), TraceConfig{}); err == nil {
		t.Error("no ticks were taken for a trace")
	}
}

func TestATraceEndsWithItsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := handDriven(t, wanderGame)
		ctx, stop := context.WithCancel(context.Background())
		go func() { _ = r.Run(ctx) }()
		rec, err := r.Trace(ctx, TraceConfig{Ticks: 1000})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // ten ticks
		stop()
		<-r.Done()
		n := 0
		for {
			frame, err := rec.Next(context.Background())
			if err != nil {
				if !errors.Is(err, ErrEnded) || n != 10 {
					t.Errorf("after %d frames: %v", n, err)
				}
				return
			}
			n++
			rec.Release(frame)
		}
	})
}

func TestATraceAllocatesNothingPerTick(t *testing.T) {
	r := seated(t, wanderGame, 1)
	rec := &Trace{room: r.done, left: 1 << 20, Slots: 64, store: r.sim.Store(0)}
	rec.prepare(20)
	r.traces = append(r.traces, rec)
	r.tick(time.Now())
	if n := testing.AllocsPerRun(200, func() {
		r.tick(time.Now())
		frame, _ := rec.Next(t.Context())
		rec.Release(frame)
	}); n != 0 {
		t.Errorf("%v allocations per recorded tick, want 0", n)
	}
}
