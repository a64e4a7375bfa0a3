package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// Rice parameters, `u(5)` in a column or a prologue.
const (
	maxRice = 30
	sparse  = 31 // no Rice code: only the values that are not zero, and where they are
)

// anyNonZero reports whether any value is not zero.
func anyNonZero(values []int32) bool {
	any := int32(0)
	for _, v := range values {
		any |= v
	}
	return any != 0
}

// writeColumn writes `column(values)`, with the best parameter for these values.
func (e *encoder) writeColumn(values []int32) {
	any := anyNonZero(values)
	e.w.Bool(any)
	if !any {
		return
	}
	var sizes [33]uint32
	for _, v := range values {
		sizes[sizeOf(v)]++
	}
	p, _ := bestRice(&sizes, 0, 0)
	e.w.Bits(uint32(p), 5)
	e.writeValues(values, uint(p))
}

// writeStepColumn writes a step's residuals with the prologue's parameter.
func (e *encoder) writeStepColumn(values []int32, p uint) {
	any := anyNonZero(values)
	e.w.Bool(any)
	if any {
		e.writeValues(values, p)
	}
}

// writeValues writes `values(p)`.
func (e *encoder) writeValues(values []int32, p uint) {
	if p == sparse {
		e.writeSparse(values)
		return
	}
	e.w.Residuals(values, p)
}

func (e *encoder) writeSparse(values []int32) {
	n, gap := uint32(0), uint32(0)
	for _, v := range values {
		if v != 0 {
			n++
		}
	}
	e.w.Num(n)
	for _, v := range values {
		gap++
		if v != 0 {
			e.w.Num(gap - 1)
			e.w.Num(bitcode.Zigzag(v))
			gap = 0
		}
	}
}

// gather collects a block's words of the given rows.
func (e *encoder) gather(block, rows []int32) []int32 {
	e.values = e.values[:0]
	for _, row := range rows {
		e.values = append(e.values, block[row])
	}
	return e.values
}

// agesOf collects k of the given rows as it travels: less 1, but -1 for one that has
// stopped counting, as most have in a world at rest.
func (e *encoder) agesOf(corrected, rows []int32, now int32) []int32 {
	ages := e.gather(corrected, rows)
	for i, at := range ages {
		if ages[i] = ageAt(now, at) - 1; ages[i] == maxAge-1 {
			ages[i] = -1
		}
	}
	return ages
}

// ascending returns the numbers from up to to in dst's memory.
func ascending(dst []int32, from, to int) []int32 {
	dst = dst[:0]
	for i := from; i < to; i++ {
		dst = append(dst, int32(i))
	}
	return dst
}

// resizeBytes is resize for bytes.
func resizeBytes(dst []uint8, n int) []uint8 {
	if cap(dst) < n {
		return make([]uint8, n, n+n/2)
	}
	return dst[:n]
}
