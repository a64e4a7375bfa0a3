package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/sim"
)

const (
	// maxTraces bounds what traces add to a tick.
	maxTraces = 4

	// traceBuffer is how many frames a trace may be behind its room: a second
	// or more, which a reader on the same machine needs only if it is stuck.
	traceBuffer = 64

	// traceMemory is how many bytes of frames may wait, unless leastBuffer frames take
	// more.
	traceMemory = 16 << 20
	leastBuffer = 8

	// mostTraceSlots bounds a frame as the format does.
	mostTraceSlots = 65535
)

// Why a trace cannot begin, or ends before it is complete.
var (
	ErrNoTable   = errors.New("room: no such table")
	ErrTraces    = errors.New("room: as many traces as allowed")
	ErrTraceSlow = errors.New("room: the trace was not read in time; a frame was lost")
	ErrTraceFull = errors.New("room: more entities than the trace has slots")
	ErrNotNumber = errors.New("room: an entity's first number is the mark of an absent one")
)

// absent in the first number of a slot says that it is empty.
const absent = -1 << 31

// Trace is the numbers of one table's entities, tick by tick, as the simulation has
// them. An entity keeps its slot; a slot it has left rests before another takes it. The
// room never waits for the reader: a frame for which there is no buffer ends it.
type Trace struct {
	// Set once by Room.Trace; safe from any goroutine.
	Fields []sim.Measure
	Slots  int
	frames chan []int32 // closed at the end
	spare  chan []int32 // read, to be filled again
	gone   atomic.Bool  // nobody reads any more
	room   <-chan struct{}

	err error // why it ended; written before frames is closed

	// Owned by the room goroutine.
	store  *sim.Store // its Measures are fixed, and safe from any goroutine
	left   int
	live   []uint32
	tracks traceSlots
}

// TraceConfig says what to record.
type TraceConfig struct {
	Table string // its name on the wire; the game's first if empty
	Slots int    // entities at a time; twice those there are and some if 0
	Ticks int    // frames
}

// Trace begins a trace with the next tick.
func (r *Room) Trace(ctx context.Context, cfg TraceConfig) (*Trace, error) {
	if cfg.Ticks < 1 || cfg.Slots < 0 || cfg.Slots > mostTraceSlots {
		return nil, fmt.Errorf("room: a trace of %d ticks and %d slots; use 1 or more and at most %d", cfg.Ticks, cfg.Slots, mostTraceSlots)
	}
	table := -1
	for i, known := range r.cfg.Game.Descriptor().Tables {
		if table < 0 && (cfg.Table == "" || cfg.Table == known.Name) {
			table = i
		}
	}
	if table < 0 {
		return nil, fmt.Errorf("%w: %q", ErrNoTable, cfg.Table)
	}
	t := &Trace{room: r.done, left: cfg.Ticks, Slots: cfg.Slots, store: r.sim.Store(table)}
	slots := 0
	err := r.between(ctx, func(time.Time) error {
		slots = t.store.Cap()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if t.Slots == 0 {
		t.Slots = min(2*slots+64, mostTraceSlots)
	}
	t.prepare(uint32(r.tickRate)) // here, not in the room: a tick should not wait for memory
	err = r.between(ctx, func(time.Time) error {
		if len(r.traces) == maxTraces {
			return ErrTraces
		}
		r.traces = append(r.traces, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// prepare makes the memory of a trace.
func (t *Trace) prepare(rest uint32) {
	t.Fields = t.store.Measures()
	t.tracks = newTraceSlots(t.Slots, rest)
	size := t.Slots * len(t.Fields)
	n := min(traceBuffer, max(leastBuffer, traceMemory/(4*max(size, 1))))
	t.frames, t.spare = make(chan []int32, n), make(chan []int32, n)
	for range n {
		t.spare <- make([]int32, size)
	}
}

// Next returns the next tick's frame, Slots times Fields numbers; hand it to Release
// when done. After the last it returns io.EOF, and why it ended if that was too early.
func (t *Trace) Next(ctx context.Context) ([]int32, error) {
	ended := ErrEnded
	select {
	case frame, ok := <-t.frames:
		return t.result(frame, ok)
	case <-t.room:
	case <-ctx.Done():
		ended = context.Cause(ctx)
	}
	select { // what was recorded before counts
	case frame, ok := <-t.frames:
		return t.result(frame, ok)
	default:
		return nil, ended
	}
}

func (t *Trace) result(frame []int32, ok bool) ([]int32, error) {
	if ok {
		return frame, nil
	}
	return nil, t.err
}

// Release gives a frame's memory back.
func (t *Trace) Release(frame []int32) { t.spare <- frame }

// Close ends the trace at the next tick.
func (t *Trace) Close() { t.gone.Store(true) }

// trace takes the tick just simulated into every trace.
func (r *Room) trace() {
	kept := r.traces[:0]
	for _, t := range r.traces {
		if err := t.take(r.sim.Tick()); err != nil {
			t.err = err
			close(t.frames)
			continue
		}
		kept = append(kept, t)
	}
	clear(r.traces[len(kept):])
	r.traces = kept
}

// take fills a frame. It returns why the trace has ended.
func (t *Trace) take(tick uint32) error {
	if t.left == 0 || t.gone.Load() {
		return io.EOF
	}
	var frame []int32
	select {
	case frame = <-t.spare:
	default:
		return ErrTraceSlow
	}
	width := len(t.Fields)
	for i := range t.Slots {
		frame[i*width] = absent
	}
	t.live = t.store.LiveSlots(t.live[:0])
	t.tracks.tick(tick)
	for _, slot := range t.live {
		at, ok := t.tracks.of(slot, t.store.At(slot).ID)
		if !ok {
			return ErrTraceFull
		}
		values := frame[at*width:][:width]
		t.store.Measure(t.Fields, slot, values)
		if values[0] == absent {
			return ErrNotNumber
		}
	}
	t.tracks.sweep()
	t.frames <- frame // has room: there are no more frames than it holds
	t.left--
	return nil
}
