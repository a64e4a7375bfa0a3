// Package codec says what a trace would cost on the wire: it quantises the values as a
// game's tags would, runs them through the group delta codec of package delta, decodes
// every frame, checks every value and counts the bytes.
package codec

import (
	"fmt"
	"math"

	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/schema"
)

// The grid of published state and its limits, as package sim has them: PROTOCOL.md 3.4.
const (
	subUnits     = 16      // units of R in a step
	halfStep     = 8       // the least tolerance of a field that is not predicted
	maxUnits     = 1 << 28 // of a range, so that predictions stay far from 2^31
	maxTolerance = math.MaxUint16
	snapped      = 7 // tolerance of a predict field
	maxAngleBits = 16
	quatLimit    = math.Sqrt2 / 2
)

// wire is how a trace's fields travel: as one table of a game.
type wire struct {
	trace  *trace.Trace
	desc   schema.Descriptor
	parts  []schema.Part
	fields []field
}

// field is a field of that table. A quat with a tolerance takes four of the trace's
// fields, any other one.
type field struct {
	name      string
	at, width int // its fields in the trace
	column    int // its first column
	lossless  bool
	predict   bool // on whole steps
	kind      schema.FieldKind

	// Of a field that is not lossless.
	unit, step float64 // of the trace's integers; of the wire
	tolerance  float64 // what the trace allows
	low        int32   // what R = 0 stands for
	bits       uint    // of an angle
	misfit     float64 // how far a quat's numbers are from unit length at most
}

// newWire plans the columns. It needs the whole trace, because a tag has a range.
func newWire(t *trace.Trace) (*wire, error) {
	w := &wire{trace: t}
	table := schema.TableType{Name: "entities"}
	for i := 0; i < len(t.Fields); {
		f, described, err := w.plan(i)
		if err != nil {
			return nil, fmt.Errorf("codec: field %s: %w", t.Fields[i].Name, err)
		}
		w.fields = append(w.fields, f)
		table.Fields = append(table.Fields, described)
		i += f.width
	}
	w.desc = schema.Descriptor{Game: "trace", Tables: []schema.TableType{table}}
	w.parts = w.desc.Parts()
	columns := w.parts[0].Columns
	for i := len(columns) - 1; i >= 0; i-- {
		w.fields[columns[i].Field].column = i
	}
	return w, nil
}

// plan plans the field that starts with field i of the trace.
func (w *wire) plan(i int) (field, schema.Field, error) {
	in := &w.trace.Fields[i]
	f := field{name: in.Name, at: i, width: 1, unit: in.Unit, predict: in.Predict}
	switch {
	case in.Lossless():
		f.lossless, f.kind = true, schema.KindInt
		return f, schema.Field{Name: f.name, Kind: f.kind, Bits: 32}, nil
	case in.Kind == trace.KindQuat:
		return w.planQuat(f)
	case in.Kind == trace.KindAngle:
		return w.planAngle(f)
	}
	return w.planNumber(f)
}

func (w *wire) planNumber(f field) (field, schema.Field, error) {
	f.kind = schema.KindQuantised
	low, high := w.bounds(f.at)
	f.low = low
	var units uint16
	f.step, f.tolerance, units = wireStep(&w.trace.Fields[f.at], 0)
	flags := schema.FieldFlags(0)
	if f.predict {
		f.step, f.tolerance, units, flags = w.trace.Fields[f.at].Step, f.unit, snapped, schema.FlagPredict
	}
	span := (float64(high) - float64(low)) * f.unit
	if n := span * subUnits / f.step; n > maxUnits {
		return f, schema.Field{}, fmt.Errorf("its values span %.0f steps of %g; a range has %d at most: use a coarser step, or none for a lossless field",
			span/f.step, f.step, maxUnits/subUnits)
	}
	return f, schema.Field{
		Name: f.name, Kind: f.kind, Step: f.step, Tolerance: units, Flags: flags,
		Min: float64(low) * f.unit, Max: float64(low)*f.unit + f.step*math.Ceil(span/f.step+1),
	}, nil
}

func (w *wire) planAngle(f field) (field, schema.Field, error) {
	f.kind = schema.KindAngle
	step, tolerance, _ := wireStep(&w.trace.Fields[f.at], 0)
	if f.predict {
		step = w.trace.Fields[f.at].Step
	}
	bits := math.Ceil(math.Log2(2*math.Pi/step) - 1e-6)
	if bits > maxAngleBits {
		return f, schema.Field{}, fmt.Errorf("an angle of tolerance %g takes %.0f bits; use a coarser one, at most %d bits", tolerance, bits, maxAngleBits)
	}
	f.bits = uint(max(bits, 1))
	f.step, f.tolerance = 2*math.Pi/float64(int64(1)<<f.bits), tolerance
	units := math.Floor(tolerance*subUnits/f.step - 0.5 + 1e-4)
	flags := schema.FieldFlags(0)
	if f.predict {
		f.tolerance, units, flags = f.unit, snapped, schema.FlagPredict
	}
	return f, schema.Field{
		Name: f.name, Kind: f.kind, Bits: uint8(f.bits), Tolerance: uint16(min(units, maxTolerance)), Flags: flags,
	}, nil
}

func (w *wire) planQuat(f field) (field, schema.Field, error) {
	f.kind, f.width = schema.KindQuat, 4
	names := w.trace.Fields[f.at : f.at+4]
	for _, other := range names[1:] {
		f.name += "+" + other.Name
	}
	var err error
	if f.misfit, err = w.misfit(&f); err != nil {
		return f, schema.Field{}, err
	}
	var units uint16
	sent := names[0]
	f.tolerance = sent.Tolerance
	if f.tolerance == 0 {
		f.tolerance = sent.Step / 2
	}
	// The number that does not travel follows from the other three by unit length: near
	// 0.5 it takes on all their errors, and a little of the second order.
	sent.Tolerance = max(f.tolerance-f.misfit, f.tolerance/2) / (3 * (1 + 2*f.tolerance))
	sent.Step = 0
	f.step, _, units = wireStep(&sent, roundingOnly)
	if f.misfit > f.tolerance/2 {
		return f, schema.Field{}, fmt.Errorf("its numbers are up to %.3g from unit length; with tolerance %g they must be within half of that", f.misfit, f.tolerance)
	}
	return f, schema.Field{Name: f.name, Kind: f.kind, Step: f.step, Tolerance: units}, nil
}

// roundingOnly is an error too small to matter that makes wireStep count on rounding to
// the wire's grid.
const roundingOnly = 1e-12

// wireStep returns the step that the wire uses for a field, the error that the trace
// allows, and how much of it is left, in units of 1/16 step, for published state. What
// it leaves out is half a unit, which rounding to the wire's grid may cost unless the
// trace's integers lie on it, and the given error. The step is the trace's own one
// where that leaves half a step, else the coarsest that does.
func wireStep(in *trace.Field, spent float64) (step, tolerance float64, units uint16) {
	widest := in.Step
	if widest == 0 {
		widest = 2 * in.Tolerance
	}
	tolerance = in.Tolerance
	if tolerance == 0 {
		tolerance = in.Step / 2
	}
	left := max(tolerance-spent, tolerance/2)
	for _, step = range []float64{widest, 2 * left, left * subUnits / (halfStep + 0.5)} {
		lost := 0.5
		if n := in.Unit * subUnits / step; spent == 0 && math.Abs(n-math.Round(n)) < 1e-9*n {
			lost = 0
		}
		n := math.Floor(left*subUnits/step - lost + 1e-6)
		if step <= widest && n >= halfStep {
			return step, tolerance, uint16(min(n, maxTolerance))
		}
	}
	return step, tolerance, halfStep
}

// bounds returns the smallest and largest value of a field of the trace.
func (w *wire) bounds(at int) (low, high int32) {
	low, high = math.MaxInt32, math.MinInt32
	w.each(func(_, _ int, values []int32) {
		low, high = min(low, values[at]), max(high, values[at])
	})
	if low > high {
		return 0, 0
	}
	return low, high
}

// each calls fn for each entity that is there, frame by frame.
func (w *wire) each(fn func(frame, entity int, values []int32)) {
	n := len(w.trace.Fields)
	for i, frame := range w.trace.Frames {
		for entity := range w.trace.Entities {
			if values := frame[entity*n:][:n]; values[0] != trace.Absent {
				fn(i, entity, values)
			}
		}
	}
}

// misfit returns how far a quat's numbers are from those of unit length at most.
func (w *wire) misfit(f *field) (worst float64, err error) {
	w.each(func(frame, entity int, values []int32) {
		raw := f.quat(values)
		unit, ok := normalise(raw)
		if !ok && err == nil {
			err = fmt.Errorf("frame %d, entity %d: the quaternion is zero", frame, entity)
		}
		for i := range unit {
			worst = max(worst, math.Abs(unit[i]-raw[i]))
		}
	})
	return worst, err
}

// quat returns a quat's numbers of one entity.
func (f *field) quat(values []int32) (q [4]float64) {
	for i := range q {
		q[i] = float64(values[f.at+i]) * f.unit
	}
	return q
}
