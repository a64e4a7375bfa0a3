package codec

import (
	"fmt"
	"math"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// slack is what float64 may add to an error when it computes one.
const slack = 1e-6

// MismatchError is a value that did not come out of the codec as it must.
type MismatchError struct {
	Frame, Entity int // of the trace, from 0
	Field         string
	What          string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("codec: frame %d, entity %d, field %s: %s", e.Frame, e.Entity, e.Field, e.What)
}

// checker compares what a decoder holds with the trace, frame by frame.
type checker struct {
	wire    *wire
	columns [][]int32 // of the decoder
	errors  []float64 // by field, the largest seen
	derived []float64 // the same of a quat's largest number, which does not travel
}

func newChecker(w *wire) *checker {
	return &checker{wire: w, errors: make([]float64, len(w.fields)), derived: make([]float64, len(w.fields))}
}

// check compares a group's rows with the stream's, then each value with the frame's.
// Rows are named by their entity plus 1.
func (c *checker) check(number int, frame []int32, s *delta.Stream, g *delta.Group) error {
	ids := g.IDs(0)
	if there := len(s.IDs(0)); len(ids) != there {
		return fmt.Errorf("codec: frame %d: %d entities came out of %d", number, len(ids), there)
	}
	c.columns = g.AppendColumns(c.columns[:0], 0)
	width := len(c.wire.trace.Fields)
	for row, id := range ids {
		entity := int(id) - 1
		values := frame[entity*width:][:width]
		if id != s.IDs(0)[row] {
			return &MismatchError{number, entity, "id", fmt.Sprintf("the encoder has entity %d in this row", s.IDs(0)[row]-1)}
		}
		for i := range c.wire.fields {
			f := &c.wire.fields[i]
			what := c.unequal(f, s, row)
			if what == "" {
				what = c.wrong(i, row, values)
			}
			if what != "" {
				return &MismatchError{number, entity, f.name, what}
			}
		}
	}
	if want, _ := s.Hash(0); g.Hash() != want {
		return fmt.Errorf("codec: frame %d: velocities or ages differ between encoder and decoder", number)
	}
	return nil
}

// unequal compares a field's columns on both ends.
func (c *checker) unequal(f *field, s *delta.Stream, row int) string {
	for column := f.column; column < f.column+f.columns(); column++ {
		if got, want := c.columns[column][row], s.R(0, column)[row]; got != want {
			return fmt.Sprintf("column %d is %d where it was encoded, %d where it was decoded", column-f.column, want, got)
		}
	}
	return ""
}

// columns is how many columns a field has.
func (f *field) columns() int {
	if f.kind == schema.KindQuat {
		return 4
	}
	return 1
}

// wrong compares a field with the trace's values of its entity.
func (c *checker) wrong(i, row int, values []int32) string {
	f := &c.wire.fields[i]
	r := c.columns[f.column][row]
	if f.kind == schema.KindQuat {
		return c.wrongQuat(i, row, values)
	}
	if f.lossless {
		if r != values[f.at] {
			return fmt.Sprintf("%d came out as %d", values[f.at], r)
		}
		return ""
	}
	was := float64(values[f.at]) * f.unit
	var off float64
	if f.kind == schema.KindAngle {
		off = math.Abs(math.Remainder(f.offGrid(r)-was, 2*math.Pi))
	} else {
		off = math.Abs(f.offGrid(r) - (float64(values[f.at])-float64(f.low))*f.unit)
	}
	c.errors[i] = max(c.errors[i], off)
	if off > f.tolerance*(1+slack) {
		return fmt.Sprintf("%g is off by %g, more than %g", was, off, f.tolerance)
	}
	return ""
}

// wrongQuat compares a quaternion; one and its negative are the same rotation.
func (c *checker) wrongQuat(i, row int, values []int32) string {
	f := &c.wire.fields[i]
	var r [3]int32
	for k := range r {
		r[k] = c.columns[f.column+1+k][row]
	}
	index := c.columns[f.column][row]
	if index < 0 || index > 3 {
		return fmt.Sprintf("its largest number is said to be %d", index)
	}
	is, was := f.quatValue(index, r), f.quat(values)
	if was[index] < 0 {
		for k := range was {
			was[k] = -was[k]
		}
	}
	// The largest follows from the others by unit length, and its error from theirs.
	for k := range is {
		if int32(k) == index {
			continue
		}
		off := math.Abs(is[k] - was[k])
		c.errors[i] = max(c.errors[i], off)
		if off > f.tolerance*(1+slack) {
			return fmt.Sprintf("number %d, %g, is off by %g, more than %g", k, was[k], off, f.tolerance)
		}
	}
	off := math.Abs(is[index] - was[index])
	c.derived[i] = max(c.derived[i], off)
	if off > f.tolerance*(1+slack) {
		return fmt.Sprintf("number %d, %g, which follows from the others, is off by %g, more than %g", index, was[index], off, f.tolerance)
	}
	return ""
}
