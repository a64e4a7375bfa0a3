package codec

import (
	"math"

	"github.com/roomtick/roomtick/schema"
)

// targets writes one entity's targets S: dst[c] for column c.
func (w *wire) targets(values, dst []int32) {
	for i := range w.fields {
		f := &w.fields[i]
		switch f.kind {
		case schema.KindQuantised:
			dst[f.column] = f.onGrid((float64(values[f.at]) - float64(f.low)) * f.unit)
		case schema.KindAngle:
			dst[f.column] = f.turns(float64(values[f.at]) * f.unit)
		case schema.KindQuat:
			f.quatTargets(values, dst[f.column:])
		default:
			dst[f.column] = values[f.at]
		}
	}
}

// onGrid is a value above the range's start in units of 1/16 step.
func (f *field) onGrid(v float64) int32 {
	if f.predict {
		return int32(math.Round(v/f.step)) * subUnits
	}
	return int32(math.Round(v * subUnits / f.step))
}

// offGrid is what a client makes of R, above the range's start, before it rounds to
// float32.
func (f *field) offGrid(r int32) float64 {
	if f.predict {
		return float64((r+subUnits/2)>>4) * f.step
	}
	return float64(r) * f.step / subUnits
}

// turns is an angle in units of 1/16 step, within a turn.
func (f *field) turns(radians float64) int32 {
	units := float64(int64(1) << (f.bits + 4))
	if f.predict {
		return int32(int64(math.Round(radians/f.step))&(1<<f.bits-1)) * subUnits
	}
	return int32(int64(math.Round(math.Mod(radians, 2*math.Pi)*units/(2*math.Pi))) & (1<<(f.bits+4) - 1))
}

// quatTargets writes which number is the largest and the other three, of the
// quaternion or its negative, in which the largest is positive.
func (f *field) quatTargets(values, dst []int32) {
	q, _ := normalise(f.quat(values))
	index := largest(q)
	dst[0] = int32(index)
	at := 1
	for i, x := range q {
		if i == index {
			continue
		}
		if q[index] < 0 {
			x = -x
		}
		dst[at] = int32(math.Round((min(max(x, -quatLimit), quatLimit) + quatLimit) * subUnits / f.step))
		at++
	}
}

// quatValue is what a client makes of a quat's columns, before it rounds to float32.
func (f *field) quatValue(index int32, r [3]int32) (q [4]float64) {
	squares, at := 0.0, 0
	for i := range q {
		if int32(i) == index {
			continue
		}
		q[i] = -quatLimit + float64(r[at])*f.step/subUnits
		squares += q[i] * q[i]
		at++
	}
	q[index&3] = math.Sqrt(max(1-squares, 0))
	return q
}

func normalise(q [4]float64) (unit [4]float64, ok bool) {
	sum := 0.0
	for _, x := range q {
		sum += x * x
	}
	if sum == 0 {
		return unit, false
	}
	length := math.Sqrt(sum)
	for i, x := range q {
		unit[i] = x / length
	}
	return unit, true
}

// largest returns the number of the largest magnitude, the first of equals.
func largest(q [4]float64) int {
	best := 0
	for i := range q {
		if math.Abs(q[i]) > math.Abs(q[best]) {
			best = i
		}
	}
	return best
}

// inSteps is a value on the coarsest grid that the trace allows.
func (w *wire) inSteps(f *field, v int32) int64 {
	if f.lossless {
		return int64(v)
	}
	step := w.trace.Fields[f.at].Step
	if step == 0 {
		step = 2 * f.tolerance
	}
	return int64(math.Round(float64(v) * f.unit / step))
}
