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
	// maxRecordings bounds what recordings add to a tick.
	maxRecordings = 4

	// recordingBuffer is how many frames a recording may be behind its room: a second
	// or more, which a reader on the same machine needs only if it is stuck.
	recordingBuffer = 64

	// recordingSlots bounds a frame as the format does.
	recordingSlots = 65535
)

// Why a recording cannot begin, or ends before it is complete.
var (
	ErrNoTable       = errors.New("room: no such table")
	ErrRecordings    = errors.New("room: as many recordings as allowed")
	ErrRecordingSlow = errors.New("room: the recording was not read in time; a frame was lost")
	ErrRecordingFull = errors.New("room: more entities than the recording has slots")
	ErrNotNumber     = errors.New("room: an entity's first number is the mark of an absent one")
)

// absent in the first number of a slot says that it is empty.
const absent = -1 << 31

// Recording is the numbers of one table's entities, tick by tick, as the simulation has
// them. An entity keeps its slot; a slot it has left rests before another takes it. The
// room never waits for the reader: a frame for which there is no buffer ends it.
type Recording struct {
	// Set once by Record; safe from any goroutine.
	Fields []sim.Measure
	Slots  int
	frames chan []int32 // closed at the end
	spare  chan []int32 // read, to be filled again
	gone   atomic.Bool  // nobody reads any more
	room   <-chan struct{}

	err error // why it ended; written before frames is closed

	// Owned by the room goroutine.
	store  *sim.Store
	left   int
	live   []uint32
	tracks slotTracks
}

// RecordingConfig says what to record.
type RecordingConfig struct {
	Table string // its name on the wire; the game's first if empty
	Slots int    // entities at a time; twice those there are and some if 0
	Ticks int    // frames
}

// Record begins a recording with the next tick.
func (r *Room) Record(ctx context.Context, cfg RecordingConfig) (*Recording, error) {
	if cfg.Ticks < 1 || cfg.Slots < 0 || cfg.Slots > recordingSlots {
		return nil, fmt.Errorf("room: a recording of %d ticks and %d slots; use 1 or more and at most %d", cfg.Ticks, cfg.Slots, recordingSlots)
	}
	table := -1
	for i, t := range r.cfg.Game.Descriptor().Tables {
		if table < 0 && (cfg.Table == "" || cfg.Table == t.Name) {
			table = i
		}
	}
	if table < 0 {
		return nil, fmt.Errorf("%w: %q", ErrNoTable, cfg.Table)
	}
	rec := &Recording{room: r.done, left: cfg.Ticks, Slots: cfg.Slots}
	err := r.between(ctx, func(time.Time) error {
		if len(r.recordings) == maxRecordings {
			return ErrRecordings
		}
		rec.begin(r.sim.Store(table), uint32(r.tickRate))
		r.recordings = append(r.recordings, rec)
		return nil
	})
	if err != nil {
		rec.Close()
		return nil, err
	}
	return rec, nil
}

func (rec *Recording) begin(store *sim.Store, rest uint32) {
	rec.store, rec.Fields = store, store.Measures()
	if rec.Slots == 0 {
		rec.Slots = min(2*store.Cap()+64, recordingSlots)
	}
	rec.tracks = newSlotTracks(rec.Slots, rest)
	rec.frames, rec.spare = make(chan []int32, recordingBuffer), make(chan []int32, recordingBuffer)
	for range recordingBuffer {
		rec.spare <- make([]int32, rec.Slots*len(rec.Fields))
	}
}

// Next returns the next tick's frame, Slots times Fields numbers; hand it to Release
// when done. After the last it returns io.EOF, and why it ended if that was too early.
func (rec *Recording) Next(ctx context.Context) ([]int32, error) {
	ended := ErrEnded
	select {
	case frame, ok := <-rec.frames:
		return rec.result(frame, ok)
	case <-rec.room:
	case <-ctx.Done():
		ended = context.Cause(ctx)
	}
	select { // what was recorded before counts
	case frame, ok := <-rec.frames:
		return rec.result(frame, ok)
	default:
		return nil, ended
	}
}

func (rec *Recording) result(frame []int32, ok bool) ([]int32, error) {
	if ok {
		return frame, nil
	}
	return nil, rec.err
}

// Release gives a frame's memory back.
func (rec *Recording) Release(frame []int32) { rec.spare <- frame }

// Close ends the recording at the next tick.
func (rec *Recording) Close() { rec.gone.Store(true) }

// record takes the tick just simulated into every recording.
func (r *Room) record() {
	kept := r.recordings[:0]
	for _, rec := range r.recordings {
		if err := rec.take(r.sim.Tick()); err != nil {
			rec.err = err
			close(rec.frames)
			continue
		}
		kept = append(kept, rec)
	}
	clear(r.recordings[len(kept):])
	r.recordings = kept
}

// take fills a frame. It returns why the recording has ended.
func (rec *Recording) take(tick uint32) error {
	if rec.left == 0 || rec.gone.Load() {
		return io.EOF
	}
	var frame []int32
	select {
	case frame = <-rec.spare:
	default:
		return ErrRecordingSlow
	}
	width := len(rec.Fields)
	for i := range rec.Slots {
		frame[i*width] = absent
	}
	rec.live = rec.store.LiveSlots(rec.live[:0])
	rec.tracks.tick(tick)
	for _, slot := range rec.live {
		at, ok := rec.tracks.of(slot, rec.store.At(slot).ID)
		if !ok {
			return ErrRecordingFull
		}
		values := frame[at*width:][:width]
		rec.store.Measure(rec.Fields, slot, values)
		if values[0] == absent {
			return ErrNotNumber
		}
	}
	rec.tracks.sweep()
	rec.frames <- frame // has room: there are no more frames than it holds
	rec.left--
	return nil
}
