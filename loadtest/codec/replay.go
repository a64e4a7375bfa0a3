package codec

import (
	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// historySeconds is how much history a stream keeps, as a room's does.
const historySeconds = 1.5

// sent is one frame of the trace that is sent, quantised.
type sent struct {
	number  int       // of the trace's frame
	values  []int32   // the frame
	targets [][]int32 // by column and entity
	moved   bool      // entities have come or gone since the one before
	rows    int       // entities there
	changed int       // of those, how many differ from the frame sent before
}

// replay is a stream fed with a trace. Rows are named by their entity plus 1.
type replay struct {
	wire     *wire
	stream   *delta.Stream
	prologue delta.Prologue
	in       []bool // by entity: has a row
	fresh    bool   // nothing was sent yet
	told     bool   // a prologue was
	buf      []byte
}

func newReplay(w *wire, sendRate int) *replay {
	return &replay{
		wire: w, fresh: true, in: make([]bool, w.trace.Entities),
		stream: delta.NewStream(w.parts, 1, 0, int(historySeconds*float64(sendRate))),
	}
}

// encode sends one frame and returns what a frame's deltas would be: the keyframe at
// first, then the prologue and a step. They are valid until the next call.
func (r *replay) encode(f *sent) (deltas []byte, flags uint8) {
	r.stream.Begin()
	if f.moved {
		r.move(f)
	}
	ids := r.stream.IDs(0)
	for c, values := range f.targets {
		dst := r.stream.Targets(0, c)
		for row, id := range ids {
			dst[row] = values[id-1]
		}
	}
	r.stream.Commit()
	r.prologue.Reset(r.wire.parts)
	r.prologue.Add(r.stream)
	r.prologue.Finish()
	if r.fresh {
		r.fresh = false
		r.buf = append(r.buf[:0], r.stream.Keyframe()...)
		return r.buf, schema.HeadReset
	}
	header := r.prologue.Changes
	if !r.told {
		header = r.prologue.Whole
	}
	r.buf = append(append(r.buf[:0], header()...), r.stream.Delta(1, &r.prologue)...)
	r.told = true
	return r.buf, schema.HeadPrologue
}

// move lets rows leave and enter: leaves by descending row, then enters by ascending id.
func (r *replay) move(f *sent) {
	width := len(r.wire.trace.Fields)
	there := func(entity int) bool { return f.values[entity*width] != trace.Absent }
	for row := r.stream.Rows(0) - 1; row >= 0; row-- {
		entity := int(r.stream.IDs(0)[row]) - 1
		if !there(entity) {
			r.stream.Leave(0, row, delta.Despawned, 0)
			r.in[entity] = false
		}
	}
	for entity, in := range r.in {
		if !in && there(entity) {
			r.stream.Enter(0, uint32(entity)+1)
			r.in[entity] = true
		}
	}
}

// schedule quantises every frame that is sent.
func (w *wire) schedule(every int) []sent {
	var all []sent
	for i := 0; i < len(w.trace.Frames); i += every {
		f := sent{number: i, values: w.trace.Frames[i]}
		var before []int32
		if i > 0 {
			before = w.trace.Frames[i-every]
		}
		w.compare(&f, before)
		w.quantise(&f)
		all = append(all, f)
	}
	return all
}

func (w *wire) quantise(f *sent) {
	columns, width := len(w.parts[0].Columns), len(w.trace.Fields)
	words := make([]int32, columns*w.trace.Entities)
	for c := range columns {
		f.targets = append(f.targets, words[c*w.trace.Entities:][:w.trace.Entities])
	}
	row := make([]int32, columns)
	for entity := range w.trace.Entities {
		values := f.values[entity*width:][:width]
		if values[0] == trace.Absent {
			continue
		}
		w.targets(values, row)
		for c, v := range row {
			f.targets[c][entity] = v
		}
	}
}

// compare counts the entities that are there and those that have changed.
func (w *wire) compare(f *sent, before []int32) {
	width := len(w.trace.Fields)
	f.moved = before == nil
	for entity := range w.trace.Entities {
		values := f.values[entity*width:][:width]
		there := values[0] != trace.Absent
		if there {
			f.rows++
		}
		if before == nil {
			continue
		}
		was := before[entity*width:][:width]
		if (was[0] != trace.Absent) != there {
			f.moved = true
		}
		if there && w.changed(values, was) {
			f.changed++
		}
	}
}

// changed reports whether an entity has another value than in the frame sent before, in
// units of a lossless field and in the trace's steps of any other; one that was not
// there has.
func (w *wire) changed(values, was []int32) bool {
	if was[0] == trace.Absent {
		return true
	}
	for i := range w.fields {
		f := &w.fields[i]
		for k := f.at; k < f.at+f.width; k++ {
			if w.inSteps(f, values[k]) != w.inSteps(f, was[k]) {
				return true
			}
		}
	}
	return false
}
