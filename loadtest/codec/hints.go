package codec

import (
	"fmt"
	"math"
	"slices"

	"github.com/roomtick/roomtick/loadtest/trace"
)

// coarser are the factors by which a hint widens a step.
var coarser = [...]float64{2, 5, 10}

// Hint says what a coarser step of one field would save, all else as it is.
type Hint struct {
	Field         string  `json:"field"` // a quat's four are one
	Step          float64 `json:"step"`
	Coarser       float64 `json:"coarser"` // step; the tolerance grows with it
	BytesPerFrame float64 `json:"bytesPerFrame"`
	Saves         float64 `json:"saves"` // share of the bytes a frame
}

// Hints runs a trace again with a coarser step for each field that has one. Steps that
// cannot be are left out.
func Hints(t *trace.Trace, sendRate int) ([]Hint, error) {
	every, err := stride(t, &sendRate)
	if err != nil {
		return nil, err
	}
	now, err := meanBytes(t, sendRate, every)
	if err != nil {
		return nil, err
	}
	var all []Hint
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Lossless() || follows(t, i) {
			continue
		}
		name, step := f.Name, f.Step
		if step == 0 {
			step = 2 * f.Tolerance
		}
		if f.Kind == trace.KindQuat {
			name = fmt.Sprintf("%s+%s+%s+%s", f.Name, t.Fields[i+1].Name, t.Fields[i+2].Name, t.Fields[i+3].Name)
		}
		for _, factor := range coarser {
			then, err := meanBytes(widen(t, i, factor), sendRate, every)
			if err == nil && now > 0 {
				all = append(all, Hint{Field: name, Step: step, Coarser: step * factor, BytesPerFrame: then, Saves: 1 - then/now})
			}
		}
	}
	return all, nil
}

// follows reports whether a field is one of a quat's last three.
func follows(t *trace.Trace, i int) bool {
	for back := 1; back <= 3 && back <= i; back++ {
		if t.Fields[i-back].Kind == trace.KindQuat {
			return true
		}
	}
	return false
}

// widen returns the trace with a coarser step for the field that starts with field i. It
// shares the values, unless the field's must lie on the new steps.
func widen(t *trace.Trace, i int, factor float64) *trace.Trace {
	wide := &trace.Trace{Header: t.Header, Frames: t.Frames}
	wide.Fields = slices.Clone(t.Fields)
	width := 1
	if t.Fields[i].Kind == trace.KindQuat {
		width = 4
	}
	for k := i; k < i+width; k++ {
		wide.Fields[k].Step *= factor
		wide.Fields[k].Tolerance *= factor
	}
	if wide.Fields[i].Predict {
		wide.Frames = snap(wide, i)
	}
	return wide
}

// snap returns the frames with the values of field i on its steps, as a simulation with
// such a predict field would have them.
func snap(t *trace.Trace, i int) [][]int32 {
	f, width := &t.Fields[i], len(t.Fields)
	units := f.Step / f.Unit
	frames := make([][]int32, len(t.Frames))
	for n, frame := range t.Frames {
		frames[n] = slices.Clone(frame)
		for at := i; at < len(frame); at += width {
			if frame[at-i] != trace.Absent {
				on := math.Round(math.Round(float64(frame[at])/units) * units)
				frames[n][at] = int32(min(max(on, math.MinInt32+1), math.MaxInt32))
			}
		}
	}
	return frames
}

// meanBytes is the mean of the steps that count.
func meanBytes(t *trace.Trace, sendRate, every int) (float64, error) {
	w, err := newWire(t)
	if err != nil {
		return 0, err
	}
	frames := w.schedule(every)
	if len(frames) <= warmUp {
		return 0, tooFew(frames)
	}
	r, bytes := newReplay(w, sendRate), 0
	for i := range frames {
		deltas, _ := r.encode(&frames[i])
		if i >= warmUp {
			bytes += len(deltas)
		}
	}
	return float64(bytes) / float64(len(frames)-warmUp), nil
}
