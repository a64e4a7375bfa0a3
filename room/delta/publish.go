package delta

import (
	"math/bits"

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
	shift      uint // q is 1 << shift
}

func ruleOf(c *schema.Column) rule {
	return rule{c.Wrap - 1, c.Wrap / 2, c.Tolerance, c.Q, uint(bits.TrailingZeros32(uint32(c.Q)))}
}

// wrap brings a value into 0..wrap-1.
func (c *rule) wrap(v int32) int32 { return v & c.mask }

// centre brings a difference into -wrap/2..wrap/2-1.
func (c *rule) centre(d int32) int32 { return (d+c.half)&c.mask - c.half }

// residual is how many corrections of q bring the prediction p near to the target,
// 0 if p is within the tolerance.
func (c *rule) residual(target, p int32) int32 {
	d := c.centre(target - p)
	if d >= -c.tolerance && d <= c.tolerance {
		return 0
	}
	return c.round(d)
}

// round divides by q and rounds half away from zero.
func (c *rule) round(d int32) int32 {
	half := uint32(c.q) >> 1
	if d < 0 {
		return -int32((uint32(-d) + half) >> c.shift)
	}
	return int32((uint32(d) + half) >> c.shift)
}

// advance takes R, V and k through one send tick whose residual is res.
func (c *rule) advance(r, v, k, res int32) (nr, nv, nk int32) {
	p := c.wrap(r + v)
	if res == 0 {
		return p, v, min(k+1, maxAge)
	}
	step := res * c.q
	return c.wrap(p + step), v + step/k, 1
}

// coast takes R and k over span send ticks without a correction; V stays.
func (c *rule) coast(r, v, k, span int32) (nr, nk int32) {
	return c.wrap(r + span*v), min(k+span, maxAge)
}

// Commit advances the published state of every row to its target and ends the send
// tick's changes.
func (s *Stream) Commit() {
	m := &s.ring[s.head]
	for part := range s.parts {
		b := &s.tables[part]
		b.awake = b.awake[:0]
		if n := len(m.parts[part].ids); n > 0 {
			s.publish(part, n-b.fresh)
		}
	}
	s.committed = true
}

// publish advances one part, whose first kept rows were there before this send tick.
func (s *Stream) publish(part, kept int) {
	t := &s.ring[s.head].parts[part]
	b := &s.tables[part]
	if cap(b.awake) < kept {
		b.awake = make([]int32, t.stride)
	}
	touched := b.awake[:kept]
	clear(touched)
	block := 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		targets := s.Targets(part, i)
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			l.publish(targets, touched)
		} else {
			hold(t.block(block), targets, touched)
		}
		block += width(c)
	}
	b.awake = touched[:0]
	for row, any := range touched {
		if any != 0 {
			b.awake = append(b.awake, int32(row))
		}
	}
}

// linear is one linear column: its rule and its values by row.
type linear struct {
	rule
	r, v, k []int32
}

// publish advances every row to its target and leaves the residuals in targets. Rows
// beyond touched have just entered.
func (l *linear) publish(targets, touched []int32) {
	n := len(targets)
	r, v, k := l.r[:n], l.v[:n], l.k[:n]
	for i := range touched {
		res := l.residual(targets[i], l.wrap(r[i]+v[i]))
		r[i], v[i], k[i] = l.advance(r[i], v[i], k[i], res)
		targets[i] = res
		touched[i] |= res
	}
	for i := len(touched); i < n; i++ {
		r[i], v[i], k[i] = l.wrap(targets[i]), 0, 1
		targets[i] = 0
	}
}

// hold publishes a hold column likewise.
func hold(r, targets, touched []int32) {
	r = r[:len(targets)]
	for i := range touched {
		res := targets[i] - r[i]
		r[i] = targets[i]
		targets[i] = res
		touched[i] |= res
	}
	for i := len(touched); i < len(targets); i++ {
		r[i] = targets[i]
		targets[i] = 0
	}
}
