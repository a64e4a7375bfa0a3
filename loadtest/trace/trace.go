// Package trace reads and writes traces: the values of a game's entities, frame by
// frame, from which `loadtest codec` says what they would cost on the wire.
//
//	header  one line of JSON: {"tickRate":60,"entities":901,"fields":[{"name":"x","unit":0.0001,"step":0.01,"tolerance":0.005}]}
//	frames  little-endian int32, frame by frame, entity by entity, field by field; a value is v * unit
//
// A field without step and tolerance is lossless: its integers come back as they are.
// "kind":"quat" on the first of four fields makes them one quaternion, "kind":"angle"
// makes a field radians that wrap at a turn, "predict":true says that its values lie on
// whole steps and come out as they are, as those of a predict tag do. Absent in field 0 says that the entity is
// not there in that frame. A file may be gzipped.
package trace

import (
	"errors"
	"fmt"
	"math"
)

// Absent in an entity's first field says that the entity is not there.
const Absent = math.MinInt32

// The kinds of fields; an empty one is a plain number.
const (
	KindQuat  = "quat"
	KindAngle = "angle"
)

// MaxEntities is how many rows a group's delta can hold.
const MaxEntities = 65535

// maxFrame bounds the values of a frame, so that a header cannot ask for more memory
// than a trace of any game takes.
const maxFrame = 1 << 24

// ErrFormat is what every error about a trace's content wraps.
var ErrFormat = errors.New("trace: malformed")

// Header describes a trace.
type Header struct {
	TickRate int     `json:"tickRate"` // frames a second
	Entities int     `json:"entities"` // slots of a frame, in use or absent
	Fields   []Field `json:"fields"`
}

// Field describes one number of each entity.
type Field struct {
	Name      string  `json:"name"`
	Unit      float64 `json:"unit"`                // of the file's integers
	Step      float64 `json:"step,omitempty"`      // quantum that the wire may use; 0 is twice the tolerance
	Tolerance float64 `json:"tolerance,omitempty"` // error allowed; 0 is half a step
	Kind      string  `json:"kind,omitempty"`
	Predict   bool    `json:"predict,omitempty"` // values lie on whole steps, and must come out on them
}

// Lossless reports whether the field's integers must come back as they are.
func (f *Field) Lossless() bool { return f.Step == 0 && f.Tolerance == 0 }

// Values returns how many values a frame has.
func (h *Header) Values() int { return h.Entities * len(h.Fields) }

// Check reports everything that is wrong with the header.
func (h *Header) Check() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: header: "+format, append([]any{ErrFormat}, args...)...))
	}
	if h.TickRate < 1 {
		bad("tickRate %d: use the frames a second, 1 or more", h.TickRate)
	}
	if h.Entities < 1 || h.Entities > MaxEntities {
		bad("entities %d: use 1 to %d", h.Entities, MaxEntities)
	}
	if len(h.Fields) == 0 {
		bad("no fields")
	}
	if len(h.Fields) > 0 && h.Entities > maxFrame/len(h.Fields) {
		bad("%d entities of %d fields: use at most %d values a frame", h.Entities, len(h.Fields), maxFrame)
	}
	names := map[string]bool{}
	for i := range h.Fields {
		f := &h.Fields[i]
		if f.Name == "" || names[f.Name] {
			bad("field %d: the name %q is empty or taken", i, f.Name)
		}
		names[f.Name] = true
		f.check(bad)
	}
	h.checkQuats(bad)
	return errors.Join(errs...)
}

func (f *Field) check(bad func(string, ...any)) {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	switch {
	case !positive(f.Unit):
		bad("%s: unit %g: use what one of the file's integers is worth, above 0", f.Name, f.Unit)
	case f.Step != 0 && !positive(f.Step):
		bad("%s: step %g: use a number above 0, or leave it out", f.Name, f.Step)
	case f.Step != 0 && f.Step < f.Unit*(1-1e-9):
		bad("%s: step %g is finer than unit %g", f.Name, f.Step, f.Unit)
	case f.Tolerance != 0 && !positive(f.Tolerance):
		bad("%s: tolerance %g: use a number above 0, or leave it out", f.Name, f.Tolerance)
	case f.Tolerance != 0 && f.Tolerance < f.Unit/2*(1-1e-9):
		bad("%s: tolerance %g is less than half of unit %g: leave step and tolerance out for a lossless field", f.Name, f.Tolerance, f.Unit)
	}
	if f.Predict && (f.Step == 0 || f.Kind == KindQuat) {
		bad("%s: predict takes a step, and is not for a quat", f.Name)
	}
	if f.Kind != "" && f.Kind != KindQuat && f.Kind != KindAngle {
		bad("%s: kind %q: use quat, angle or none", f.Name, f.Kind)
	}
}

// checkQuats checks that each quaternion has four fields that are measured alike. A
// field after the first may leave out what the first says.
func (h *Header) checkQuats(bad func(string, ...any)) {
	for i := 0; i < len(h.Fields); i++ {
		first := &h.Fields[i]
		if first.Kind != KindQuat {
			continue
		}
		if i+4 > len(h.Fields) {
			bad("%s: a quat takes four fields, only %d are left", first.Name, len(h.Fields)-i)
			return
		}
		for _, f := range h.Fields[i+1 : i+4] {
			if f.Unit != first.Unit || f.Step != 0 && f.Step != first.Step || f.Tolerance != 0 && f.Tolerance != first.Tolerance {
				bad("%s: it is of the quat %s and must have the same unit, step and tolerance", f.Name, first.Name)
			}
			if f.Predict && (f.Step == 0 || f.Kind == KindQuat) {
				bad("%s: predict takes a step, and is not for a quat", f.Name)
			}
			if f.Kind != "" && f.Kind != KindQuat {
				bad("%s: it is of the quat %s and cannot be of kind %q", f.Name, first.Name, f.Kind)
			}
		}
		i += 3
	}
}
