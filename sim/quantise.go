package sim

import (
	"math"
	"reflect"

	"github.com/roomtick/roomtick/schema"
)

// subUnits is how many units of R make a step; PROTOCOL.md 3.4.
const subUnits = 16

// stepSlack is how far float64 may put a whole number of steps below itself.
const stepSlack = 1e-7

// wholeSteps returns how many whole steps lie between min and max.
func wholeSteps(min, max, step float64) int64 {
	return int64(math.Floor((max-min)/step + stepSlack))
}

// finite replaces NaN by 0 and infinities by the largest number of the type.
func finite(v float64, isSingle bool) (float64, bool) {
	limit := math.MaxFloat64
	if isSingle {
		limit = math.MaxFloat32
	}
	switch {
	case v != v:
		return 0, true
	case v > limit:
		return limit, true
	case v < -limit:
		return -limit, true
	}
	return v, false
}

// inRange clamps v to the range of a Quantised field; NaN becomes min. A value that is as
// near to a bound as a float32 can be is within it.
func (l *leaf) inRange(v float64) (float64, bool) {
	lo, hi := min(l.min, float64(float32(l.min))), max(l.max, float64(float32(l.max)))
	switch {
	case v != v || v < lo:
		return l.min, true
	case v > hi:
		return l.max, true
	}
	return min(max(v, l.min), l.max), false
}

// steps returns the n of a Quantised value v, rounding half away from zero.
func (l *leaf) steps(v float64) (n int64, clamped bool) {
	v, clamped = l.inRange(v)
	return min(int64(math.Round((v-l.min)/l.step)), l.units), clamped
}

// target returns S of a Quantised value: in 1/16 steps, with predict in whole steps.
func (l *leaf) target(v float64) (s int32, clamped bool) {
	if l.exact {
		n, clamped := l.steps(v)
		return int32(n) * subUnits, clamped
	}
	v, clamped = l.inRange(v)
	return int32(math.Round((v - l.min) * subUnits / l.step)), clamped
}

// value returns what a client makes of R; PROTOCOL.md 3.3. The wire does not say whether
// a field is a float64, so clients round every quantised value to float32. What the
// tolerance puts beyond the field's range is the end of the range.
func (l *leaf) value(r int32) float64 {
	v := single(l.min + float64(float64(r)*l.step/subUnits))
	if l.exact {
		v = l.stepValue(nearestStep(r))
	}
	return min(max(v, single(l.min)), single(l.max))
}

// stepValue is the value n steps above min.
func (l *leaf) stepValue(n int64) float64 { return single(l.min + float64(float64(n)*l.step)) }

// single rounds to float32.
func single(v float64) float64 { return float64(float32(v)) }

// nearestStep is the whole step that R of a predict field means.
func nearestStep(r int32) int64 { return (int64(r) + subUnits/2) >> 4 }

// turns returns an angle v, in radians, in units of 1/2^bits of a turn, from 0 to
// 2^bits-1. Any number of turns wraps; NaN and infinities become 0.
func turns(v float64, bits uint) (n int32, clamped bool) {
	if v-v != 0 {
		return 0, true
	}
	if v >= 2*math.Pi || v <= -2*math.Pi {
		v = math.Mod(v, 2*math.Pi)
	}
	units := float64(int64(1) << bits)
	return int32(int64(math.Round(v*units/(2*math.Pi))) & (1<<bits - 1)), false
}

// turnValue is the inverse of turns.
func turnValue(n int32, bits uint) float64 {
	return single(float64(n) * (2 * math.Pi) / float64(int64(1)<<bits))
}

// angleTarget returns S of an angle.
func (l *leaf) angleTarget(v float64) (s int32, clamped bool) {
	if l.exact {
		n, clamped := turns(v, l.bits)
		return n * subUnits, clamped
	}
	return turns(v, l.bits+4)
}

// angleValue returns what a client makes of R.
func (l *leaf) angleValue(r int32) float64 {
	if l.exact {
		return turnValue(int32(nearestStep(r))&(1<<l.bits-1), l.bits)
	}
	return turnValue(r, l.bits+4)
}

// intInRange clamps an integer to the range its field declares.
func (l *leaf) intInRange(v int64) (int64, bool) {
	if !l.ranged {
		return v, false
	}
	// Ranges are whole numbers below 2^53, so they convert exactly.
	lo, hi := int64(l.min), int64(l.max)
	if l.kind == schema.KindUint && v < 0 { // above 2^63
		return hi, true
	}
	return min(max(v, lo), hi), v < lo || v > hi
}

// bitsOf returns the IEEE bits of v in the width of the field.
func (l *leaf) bitsOf(v float64) uint64 {
	if l.goKind == reflect.Float32 {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

// fromBits is the inverse of bitsOf.
func (l *leaf) fromBits(b uint64) float64 {
	if l.goKind == reflect.Float32 {
		return float64(math.Float32frombits(uint32(b)))
	}
	return math.Float64frombits(b)
}
