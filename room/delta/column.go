package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// anyNonZero reports whether any value is not zero.
func anyNonZero(values []int32) bool {
	any := int32(0)
	for _, v := range values {
		any |= v
	}
	return any != 0
}

// writeColumn writes `column(values)`, with the best coding for these values.
func (e *encoder) writeColumn(values []int32) {
	any := anyNonZero(values)
	e.w.Bool(any)
	if !any {
		return
	}
	clear(e.bins[:])
	for _, v := range values {
		e.bins.add(v)
	}
	s := e.bins.survey()
	c, _ := s.best(s.likely(), 0)
	c.write(&e.w)
	e.writeValues(values, c)
}

// writeStepColumn writes a step's residuals with the prologue's coding.
func (e *encoder) writeStepColumn(values []int32, c coding) {
	any := anyNonZero(values)
	e.w.Bool(any)
	if any {
		e.writeValues(values, c)
	}
}

// writeValues writes `values`, of which some are not zero.
func (e *encoder) writeValues(values []int32, c coding) {
	switch c.p {
	case even:
		e.w.Evens(values, uint32(c.arg))
	case sparse:
		e.writeSparse(values, uint(c.arg))
	default:
		e.w.Residuals(values, uint(c.p))
	}
}

func (e *encoder) writeSparse(values []int32, rice uint) {
	n, gap := 0, uint32(0)
	for _, v := range values {
		if v != 0 {
			n++
		}
	}
	e.w.Count(uint32(n))
	apart := bitcode.Gap(len(values), n)
	for _, v := range values {
		gap++
		if v != 0 {
			e.w.Rice(gap-1, apart)
			e.w.Rice(bitcode.Zigzag(v)-1, rice)
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
