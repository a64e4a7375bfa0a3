package delta

import (
	"math"

	"github.com/roomtick/roomtick/schema"
)

// maxAge is where k, the ticks since a value's last correction, stops counting.
const maxAge = 255

// rule is PROTOCOL.md 3.4 for one linear column. All of its arithmetic is 32-bit two's
// complement, so that the TypeScript client comes to the same bits.
type rule struct {
	mask, half int32 // wrap-1 and wrap/2; -1 and 0 for a column that does not wrap
	tolerance  int32
	q          int32

	hold bool // corrections leave no velocity

	// Below exact, n / q is n * inverse / 2^32: a division takes much longer.
	inverse, exact uint32
}

func ruleOf(c *schema.Column) rule {
	r := clientRuleOf(c)
	if c.Q > 1 {
		r.exact = math.MaxUint32 / uint32(c.Q) // as 2^32 / q: q is odd
		r.inverse = r.exact + 1
	}
	return r
}

// clientRuleOf is ruleOf for those who do not round.
func clientRuleOf(c *schema.Column) rule {
	return rule{mask: c.Wrap - 1, half: c.Wrap / 2, tolerance: c.Tolerance, q: c.Q}
}

// wrap brings a value into 0..wrap-1.
func (c *rule) wrap(v int32) int32 { return v & c.mask }

// centre brings a difference into -wrap/2..wrap/2-1.
func (c *rule) centre(d int32) int32 { return (d+c.half)&c.mask - c.half }

// near reports whether a difference is within the tolerance.
func (c *rule) near(d int32) bool { return uint32(d+c.tolerance) < uint32(c.q) }

// round divides a difference by q, which is odd, to the nearest.
func (c *rule) round(d int32) int32 {
	if c.q == 1 {
		return d
	}
	sign := d >> 31 // no branch: a difference is as often negative as not
	n := uint32(d^sign-sign) + uint32(c.tolerance)
	if n < c.exact {
		n = uint32(uint64(n) * uint64(c.inverse) >> 32)
	} else {
		n /= uint32(c.q)
	}
	return int32(n) ^ sign - sign
}

// advance takes R, V and k through one send tick whose residual is res.
func (c *rule) advance(r, v, k, res int32) (nr, nv, nk int32) {
	if res == 0 {
		return c.wrap(r + v), v, min(k+1, maxAge)
	}
	step := res * c.q
	return c.wrap(r + v + step), c.turn(v, k, step), 1
}

// turn returns the velocity after a correction of step. In a column that holds there is none.
func (c *rule) turn(v, k, step int32) int32 {
	switch {
	case c.hold:
		return 0
	case c.q == 1:
		return turnExact(v, k, step)
	}
	return v + part(step, k)
}

// part divides a step by an age.
func part(step, k int32) int32 {
	sign := step >> 31
	return int32(uint32(step^sign-sign)/uint32(k)) ^ sign - sign
}

// turnExact is turn of a lossless value: it has its last change for velocity, but none after
// a lone change from rest, or when to stay would have been nearer than to go on.
func turnExact(v, k, step int32) int32 {
	change := v + step
	if v == 0 && k > 1 || magnitude(change) < magnitude(step) {
		return 0
	}
	return change
}

func magnitude(v int32) uint32 {
	sign := v >> 31
	return uint32(v ^ sign - sign)
}

// coast takes R and k over span send ticks without a correction; V stays.
func (c *rule) coast(r, v, k, span int32) (nr, nk int32) {
	return c.wrap(r + span*v), min(k+span, maxAge)
}
