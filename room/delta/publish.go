package delta

import (
	"math"

	"github.com/roomtick/roomtick/schema"
	bitcode "github.com/roomtick/roomtick/schema/bits"
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
	n := magnitude(d) + uint32(c.tolerance)
	if n < c.exact {
		n = uint32(uint64(n) * uint64(c.inverse) >> 32)
	} else {
		n /= uint32(c.q)
	}
	if d < 0 {
		return -int32(n)
	}
	return int32(n)
}

// advance takes R, V and k through one send tick whose residual is res.
func (c *rule) advance(r, v, k, res int32) (nr, nv, nk int32) {
	if res == 0 {
		return c.wrap(r + v), v, min(k+1, maxAge)
	}
	step := res * c.q
	return c.wrap(r + v + step), c.turn(v, k, step), 1
}

// turn returns the velocity after a correction of step. In a column that holds there is
// none. A lossless value has its last
// change for velocity, but none after a lone change from rest, or when to stay would
// have been nearer than to go on.
func (c *rule) turn(v, k, step int32) int32 {
	switch {
	case c.hold:
		return 0
	case c.q == 1:
	case k == 1:
		return v + step
	default:
		return v + step/k
	}
	change := v + step
	if v == 0 && k > 1 || magnitude(change) < magnitude(step) {
		return 0
	}
	return change
}

func magnitude(v int32) uint32 {
	if v < 0 {
		return -uint32(v)
	}
	return uint32(v)
}

// coast takes R and k over span send ticks without a correction; V stays.
func (c *rule) coast(r, v, k, span int32) (nr, nk int32) {
	return c.wrap(r + span*v), min(k+span, maxAge)
}

// Commit advances the published state of every row to its target and ends the send
// tick's changes.
func (s *Stream) Commit() {
	for part := range s.parts {
		b := &s.tables[part]
		b.awake = b.awake[:0]
		if n := s.Rows(part); n > 0 && !s.still(part) {
			s.publish(part, n-b.fresh)
		}
	}
	s.committed = true
}

// publish advances one part, whose first kept rows were there before this send tick.
func (s *Stream) publish(part, kept int) {
	t, b := s.own(part), &s.tables[part]
	b.makeRoom(t.stride, len(s.parts[part].Columns))
	touched := b.touched[:kept]
	clear(touched)
	block := 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		targets := s.Targets(part, i)
		if s.trial != nil {
			s.trial.publish(part, i, targets, kept)
		}
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			l.hold = s.holds(part, i)
			b.active[i] = l.publish(targets, touched, b.agesOf(i)[:kept])
		} else {
			b.active[i] = hold(t.block(block), targets, touched)
		}
		block += width(c)
	}
	if s.trial != nil {
		s.trial.count(part, b, kept, len(t.ids))
	}
	b.rest(t.block(block), touched, firstIdle(s.parts[part].Columns))
}

// firstIdle is how long a row has been idle when it enters: for ever, if nothing in it
// has an age.
func firstIdle(columns []schema.Column) int32 {
	for i := range columns {
		if columns[i].Linear {
			return 1
		}
	}
	return maxAge
}

// rest lists the rows that are awake and advances how long each has been idle.
func (b *bench) rest(idle, touched []int32, first int32) {
	b.awake = b.awake[:0]
	b.kinds = b.kinds[:len(touched)]
	for row, any := range touched {
		kind := idleKind(idle[row])
		if any != 0 {
			b.awake = append(b.awake, int32(row))
			kind |= bitcode.FlagSet
		}
		b.kinds[row] = kind
		idle[row] = rested(idle[row], any)
	}
	for row := len(touched); row < len(idle); row++ {
		idle[row] = first
	}
}

// touchedLinear marks a row with a residual in a linear column, touchedHold one with a
// residual in a hold column, which has no age.
const (
	touchedLinear = 1
	touchedHold   = 2
)

// rested is the smallest age in a row a send tick on.
func rested(idle, touched int32) int32 {
	if touched&touchedLinear != 0 {
		return 1
	}
	return min(idle+1, maxAge)
}

// linear is one linear column: its rule and its values by row.
type linear struct {
	rule
	r, v, k []int32
}

// publish advances every row to its target, leaves the residuals in targets and the
// ages before in ages, and reports whether there are residuals. Rows beyond touched
// have just entered.
func (l *linear) publish(targets, touched []int32, ages []uint8) (any bool) {
	n := len(targets)
	r, v, k := l.r[:n], l.v[:n], l.k[:n]
	ages = ages[:len(touched)]
	mask, half, tolerance, q := l.mask, l.half, l.tolerance, uint32(l.q)
	for i := range touched {
		age := k[i]
		ages[i] = uint8(age)
		p := (r[i] + v[i]) & mask
		d := (targets[i]-p+half)&mask - half
		if uint32(d+tolerance) < q { // near
			r[i], k[i], targets[i] = p, min(age+1, maxAge), 0
			continue
		}
		res := l.round(d)
		r[i], v[i], k[i] = l.advance(r[i], v[i], age, res)
		targets[i] = res
		touched[i] |= touchedLinear
		any = true
	}
	for i := len(touched); i < n; i++ {
		r[i], v[i], k[i] = l.wrap(targets[i]), 0, 1
		targets[i] = 0
	}
	return any
}

// hold publishes a hold column likewise.
func hold(r, targets, touched []int32) (any bool) {
	r = r[:len(targets)]
	for i := range touched {
		res := targets[i] - r[i]
		r[i] = targets[i]
		targets[i] = res
		if res != 0 {
			touched[i] |= touchedHold
			any = true
		}
	}
	for i := len(touched); i < len(targets); i++ {
		r[i] = targets[i]
		targets[i] = 0
	}
	return any
}
