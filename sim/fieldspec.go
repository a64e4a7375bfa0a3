package sim

import (
	"fmt"
	"math"
	"math/bits"
	"reflect"

	"github.com/roomtick/roomtick/schema"
)

const (
	defaultText      = 64 // bytes of a string without max
	maxText          = 1<<16 - 1
	defaultAngleBits = 10
	maxAngleBits     = 16
	// maxUnits bounds a range in 1/16 steps, so that predictions stay far from 2^31.
	maxUnits = 1 << 28
	// maxWhole is the largest integer bound that a float64 holds exactly.
	maxWhole = 1 << 53
	// predictTolerance leaves R within half a step of a whole one; PROTOCOL.md 3.3.
	predictTolerance = 7
	halfStep         = subUnits / 2
)

// fieldSpec turns the type and tag of one field into its wire form.
type fieldSpec struct {
	path     string
	tag      *tag
	use      usage
	mistakes *mistakes
}

func (s *fieldSpec) wrong(what, use string) { s.mistakes.add(s.path, what, use) }

// compile fills in kind, bits, range, step and tolerance for a field's element type.
func (s *fieldSpec) compile(t reflect.Type, f *schema.Field) {
	switch k := t.Kind(); k {
	case reflect.Bool:
		f.Kind, f.Bits = schema.KindBool, 1
		s.allow("a bool", "predict", "owner", "once", "edge")
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.Kind, f.Bits = schema.KindInt, uint8(t.Bits())
		s.integer(f)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.Kind, f.Bits = schema.KindUint, uint8(t.Bits())
		s.integer(f)
	case reflect.Float32, reflect.Float64:
		s.float(f, t.Bits())
	case reflect.String:
		s.text(f)
	case reflect.Array:
		s.quat(f)
	default:
		s.unsupported(t)
	}
}

// allow reports the words of the tag that do not fit the kind of field. Flags that do
// not fit the kind of struct have been reported already.
func (s *fieldSpec) allow(kind string, words ...string) {
	if s.use.payload() {
		words = append(words, "predict", "owner", "once", "lerp")
	}
	if s.use != useInput {
		words = append(words, "edge")
	}
	s.tag.reject(s.path, kind, words, s.mistakes)
}

func (s *fieldSpec) unsupported(t reflect.Type) {
	switch t.Kind() {
	case reflect.Int:
		s.wrong(kindNoun(t.Kind())+" has no fixed size", "int32")
	case reflect.Uint, reflect.Uintptr:
		s.wrong(kindNoun(t.Kind())+" has no fixed size", "uint32")
	case reflect.Pointer:
		s.wrong(kindNoun(t.Kind())+" cannot travel", "the sim.ID of the entity")
	case reflect.Map, reflect.Slice:
		s.wrong(kindNoun(t.Kind())+" cannot travel", "an array of fixed size, or a table")
	default:
		s.wrong(kindNoun(t.Kind())+" cannot travel", "numbers, bools, strings and arrays of them, or no tag")
	}
}

func (s *fieldSpec) integer(f *schema.Field) {
	s.allow("an integer", "min", "max", "predict", "owner", "once", "edge", "lerp")
	lo, hi := s.tag.min, s.tag.max
	switch {
	case lo == nil && hi == nil:
		return
	case lo == nil || hi == nil:
		s.wrong("a range needs both ends", "min= and max=")
		return
	}
	least, most := 0.0, math.Pow(2, float64(f.Bits))-1
	if f.Kind == schema.KindInt {
		least, most = -math.Pow(2, float64(f.Bits-1)), math.Pow(2, float64(f.Bits-1))-1
	}
	least, most = max(least, -maxWhole), min(most, maxWhole)
	switch {
	case *lo >= *hi:
		s.wrong(fmt.Sprintf("min=%g is not below max=%g", *lo, *hi), "min < max")
	case *lo != math.Trunc(*lo) || *hi != math.Trunc(*hi):
		s.wrong("the range of an integer ends between integers", "whole numbers for min and max")
	case *lo < least || *hi > most:
		s.wrong(fmt.Sprintf("the type holds %g to %g only", least, most), "a wider type or a smaller range")
	default:
		f.Min, f.Max = *lo, *hi
	}
}

func (s *fieldSpec) float(f *schema.Field, width int) {
	switch {
	case s.tag.has("angle"):
		s.angle(f)
	case s.tag.step != nil:
		s.quantised(f)
	default:
		f.Kind, f.Bits = schema.KindFloat, uint8(width)
		if s.tag.min != nil || s.tag.max != nil {
			s.wrong("a float with a range but no step", "step= as well, the precision clients need")
			return
		}
		s.allow("a float without step", "predict", "owner", "once", "lerp")
	}
}

func (s *fieldSpec) angle(f *schema.Field) {
	s.allow("an angle", "angle", "bits", "tolerance", "predict", "owner", "once", "lerp")
	f.Kind, f.Bits = schema.KindAngle, defaultAngleBits
	if b := s.tag.bits; b != nil {
		if *b != math.Trunc(*b) || *b < 1 || *b > maxAngleBits {
			s.wrong(fmt.Sprintf("bits=%g is out of range", *b), "1 to 16")
			return
		}
		f.Bits = uint8(*b)
	}
	s.tolerance(f, 2*math.Pi/float64(int64(1)<<f.Bits))
}

func (s *fieldSpec) quantised(f *schema.Field) {
	s.allow("a quantised float", "min", "max", "step", "tolerance", "predict", "owner", "once", "lerp")
	if s.tag.min == nil || s.tag.max == nil {
		s.wrong("step needs a range", "min= and max= as well")
		return
	}
	lo, hi, step := *s.tag.min, *s.tag.max, *s.tag.step
	f.Kind, f.Min, f.Max, f.Step = schema.KindQuantised, lo, hi, step
	switch n := (hi - lo) / step; {
	case lo >= hi:
		s.wrong(fmt.Sprintf("min=%g is not below max=%g", lo, hi), "min < max")
	case step <= 0:
		s.wrong(fmt.Sprintf("step=%g is not above 0", step), "the precision clients need")
	case n > maxUnits/subUnits:
		s.wrong(fmt.Sprintf("%.0f steps from min to max are too many", n), fmt.Sprintf("step=%.6g or more, or a float without step", 1.00001*(hi-lo)/(maxUnits/subUnits)))
	case math.Abs(n-math.Round(n)) > stepSlack || n < 0.5:
		s.wrong(fmt.Sprintf("max=%g is not a whole number of steps above min", hi), fmt.Sprintf("max=%.6g", lo+max(1, math.Floor(n))*step))
	case max(math.Abs(lo), math.Abs(hi))/step > 1<<23:
		s.wrong(fmt.Sprintf("a float32 near %.6g cannot hold steps of %g, and clients use no other", max(math.Abs(lo), math.Abs(hi)), step), "a coarser step, or a range nearer to 0")
	default:
		f.Bits = uint8(bits.Len64(uint64(wholeSteps(lo, hi, step))))
	}
	s.tolerance(f, step)
}

func (s *fieldSpec) quat(f *schema.Field) {
	if !s.tag.has("quat") {
		s.wrong("an array of arrays", "one array")
		return
	}
	s.allow("a quat", "quat", "step", "tolerance", "predict", "owner", "once", "lerp")
	f.Kind = schema.KindQuat
	if s.tag.step == nil {
		s.wrong("a quat needs a step", "step=0.001, for example")
		return
	}
	f.Step = *s.tag.step
	n := wholeSteps(-quatLimit, quatLimit, f.Step)
	if f.Step <= 0 || n < 1 || n > maxUnits/subUnits {
		s.wrong(fmt.Sprintf("step=%g is no precision for numbers from -0.71 to 0.71", f.Step), "step=0.001, for example")
		return
	}
	f.Bits = uint8(bits.Len64(uint64(n)))
	s.tolerance(f, f.Step)
}

func (s *fieldSpec) text(f *schema.Field) {
	f.Kind, f.Max = schema.KindString, defaultText
	s.allow("a string", "max", "owner", "once", "predict")
	if s.tag.has("predict") && s.use == useTable {
		s.wrong("a string cannot be predicted", "an enum, or no predict")
	}
	if s.use == useInput {
		s.wrong("inputs have a fixed size, so no strings", "a sim.ClientEvent for text")
	}
	if b := s.tag.max; b != nil {
		if *b != math.Trunc(*b) || *b < 1 || *b > maxText {
			s.wrong(fmt.Sprintf("max=%g is no length", *b), "1 to 65535 bytes")
			return
		}
		f.Max = *b
	}
}

// tolerance sets the error that published state may have, in 1/16 of a step.
func (s *fieldSpec) tolerance(f *schema.Field, step float64) {
	given := s.tag.tolerance
	switch {
	case s.use.payload():
		if given != nil {
			s.wrong("\"tolerance=\" does not go with "+s.use.noun(), cureFor("tolerance"))
		}
		return
	case f.Has(schema.FlagPredict):
		f.Tolerance = predictTolerance
		if given != nil {
			s.wrong("predict is exact, so no tolerance", "predict without it")
		}
		return
	}
	f.Tolerance = halfStep
	if given == nil || !(step > 0) {
		return
	}
	units := math.Floor(float64(*given/step*subUnits) + stepSlack)
	switch {
	case units < halfStep:
		s.wrong(fmt.Sprintf("tolerance=%g is below half a step", *given), fmt.Sprintf("tolerance=%.6g or a finer step", step/2))
	case units > math.MaxUint16:
		s.wrong(fmt.Sprintf("tolerance=%g is thousands of steps", *given), "a coarser step")
	default:
		f.Tolerance = uint16(units)
	}
}
