package delta

import (
	"math/bits"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// Rice parameters as `u(5)` in a column or a prologue.
const (
	maxRice    = 30
	noResidual = 31 // in a prologue only: the column is left out of every step
)

// cost counts values by size, enough to know exactly what any Rice parameter would
// make of them. The zero value has counted nothing.
type cost struct {
	sizes [33]uint32          // values by bit length
	units [maxRice + 1]uint64 // by p: the quotients v>>p that are from 1 to 15
	small int                 // values that are not zero
}

// count adds a value.
func (c *cost) count(v uint32) {
	size := bits.Len32(v)
	c.sizes[size]++
	if size == 0 {
		return
	}
	c.small++
	for p := max(0, size-4); p < size && p <= maxRice; p++ {
		c.units[p] += uint64(v >> p)
	}
}

// bits returns how many bits the values take with parameter p.
func (c *cost) bits(p int) uint64 {
	total := c.units[p]
	for size, n := range c.sizes {
		if n == 0 {
			continue
		}
		if size >= p+5 { // the quotient is 16 or more
			total += uint64(n) * (16 + 32)
		} else {
			total += uint64(n) * uint64(p+1)
		}
	}
	return total
}

// best returns the parameter that takes the fewest bits, the smallest such.
func (c *cost) best() uint {
	if c.small == 0 {
		return 0
	}
	top := 32
	for c.sizes[top] == 0 {
		top--
	}
	best, least := 0, c.bits(0)
	for p := 1; p <= min(top, maxRice); p++ {
		if n := c.bits(p); n < least {
			best, least = p, n
		}
	}
	return uint(best)
}

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
	e.cost = cost{}
	for _, v := range values {
		e.cost.count(bitcode.Zigzag(v))
	}
	p := e.cost.best()
	e.w.Bits(uint32(p), 5)
	e.writeRice(values, p)
}

// writeStepColumn writes a step's residuals with the prologue's parameter.
func (e *encoder) writeStepColumn(values []int32, p uint) {
	any := anyNonZero(values)
	e.w.Bool(any)
	if any {
		e.writeRice(values, p)
	}
}

func (e *encoder) writeRice(values []int32, p uint) {
	for _, v := range values {
		e.w.Rice(bitcode.Zigzag(v), p)
	}
}

// gather collects a block's words of the given rows, each less bias.
func (e *encoder) gather(block, rows []int32, bias int32) []int32 {
	e.values = e.values[:0]
	for _, row := range rows {
		e.values = append(e.values, block[row]-bias)
	}
	return e.values
}

// ascending returns the numbers from up to to in dst's memory.
func ascending(dst []int32, from, to int) []int32 {
	dst = dst[:0]
	for i := from; i < to; i++ {
		dst = append(dst, int32(i))
	}
	return dst
}
