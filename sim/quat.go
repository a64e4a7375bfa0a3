package sim

import "math"

// quatLimit is the largest magnitude a component can have when it is not the largest of
// a unit quaternion.
const quatLimit = math.Sqrt2 / 2

// quatCode is a quaternion on the wire: which component is the largest, and the n of
// the other three in their order; PROTOCOL.md 3.3 and 8.1.
type quatCode struct {
	index int32
	r     [3]int32 // in 1/16 steps
}

// quatCode encodes a quaternion. Any length is brought to 1; NaN, infinities and zero
// become the identity, which counts as clamped.
func (l *leaf) quatCode(q *[4]float32) (c quatCode, clamped bool) {
	if l.exact {
		if c, ok := l.snappedQuat(q); ok {
			return c, false
		}
	}
	unit, clamped := normalise(q)
	return l.quatCodeAt(&unit, largest(&unit)), clamped
}

// snappedQuat finds the code of a quaternion that a client has decoded or snapping has
// made, bit by bit; the largest component of such a one may be a rounding smaller than
// another.
func (l *leaf) snappedQuat(q *[4]float32) (quatCode, bool) {
	var v [4]float64
	for i := range v {
		v[i] = float64(q[i])
		if !(math.Abs(v[i]) <= 1) {
			return quatCode{}, false
		}
	}
	for i := range int32(4) {
		if !(q[i] > 0) {
			continue
		}
		if c := l.quatCodeAt(&v, i); l.quatValue(c) == *q {
			return c, true
		}
	}
	return quatCode{}, false
}

// quatCodeAt encodes a unit quaternion with component index left out.
func (l *leaf) quatCodeAt(v *[4]float64, index int32) quatCode {
	c := quatCode{index: index}
	at := 0
	for i, x := range v {
		if int32(i) == index {
			continue
		}
		if v[index] < 0 {
			x = -x
		}
		c.r[at], _ = l.target(min(max(x, l.min), l.max))
		at++
	}
	return c
}

// quatValue decodes.
func (l *leaf) quatValue(c quatCode) [4]float32 {
	var q [4]float32
	squares := 0.0
	at := 0
	for i := range q {
		if int32(i) == c.index {
			continue
		}
		v := l.value(c.r[at])
		squares += float64(v * v)
		q[i] = float32(v)
		at++
	}
	q[c.index&3] = float32(math.Sqrt(max(1-squares, 0)))
	return q
}

// largest returns the component of the largest magnitude, the first of equals.
func largest(v *[4]float64) int32 {
	best := int32(0)
	for i := range int32(4) {
		if math.Abs(v[i]) > math.Abs(v[best]) {
			best = i
		}
	}
	return best
}

func normalise(q *[4]float32) (unit [4]float64, clamped bool) {
	sum := 0.0
	for _, x := range q {
		sum += float64(float64(x) * float64(x))
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return [4]float64{3: 1}, true
	}
	length := math.Sqrt(sum)
	for i, x := range q {
		unit[i] = float64(x) / length
	}
	return unit, false
}
