package delta

import (
	"math"
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

// turn returns the velocity after a correction of step; in a column that holds there is none.
func (c *rule) turn(v, k, step int32) int32 {
	if c.hold {
		return 0
	}
	if c.q == 1 {
		return turnExact(v, k, step)
	}
	sign := step >> 31
	return v + (int32(uint32(step^sign-sign)/uint32(k)) ^ sign - sign)
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

// Commit advances the published state of every row to its target and ends the send
// tick's changes.
func (s *Stream) Commit() {
	for part := range s.parts {
		b := &s.tables[part]
		b.awake = b.awake[:0]
		n := s.Rows(part)
		if n > 0 && s.now%refreshEvery == 0 {
			s.own(part).refresh(s.parts[part].Columns, int32(s.now)-1)
		}
		if n > 0 && !s.still(part) {
			s.publish(part, n-b.fresh)
		}
	}
	s.committed = true
}

// publish advances one part, whose first kept rows were there before this send tick.
func (s *Stream) publish(part, kept int) {
	t, b := s.own(part), &s.tables[part]
	b.makeRoom(t.stride, kept, len(s.parts[part].Columns))
	block, aged := 0, false
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		targets, marks := s.Targets(part, i), b.marksOf(i)
		if s.trial != nil {
			s.trial.publish(part, i, targets, kept)
		}
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			l.hold = s.holds(part, i)
			l.publish(targets[:kept], marks, b.newsOf(i)[:kept], int32(s.now))
			l.enter(targets, kept, int32(s.now))
			aged = true
		} else {
			hold(t.block(block), targets, marks, b.newsOf(i)[:kept])
		}
		b.active[i] = b.sum(marks, c.Linear)
		block += width(c)
	}
	if s.trial != nil {
		s.trial.count(part, b, kept, len(t.ids))
	}
	b.rest(t.block(block), kept, int32(s.now), aged)
}

// linear is one linear column: its rule and its values by row.
type linear struct {
	rule
	r, v, at []int32 // at is the send tick of the last correction
}

// publish advances the rows of targets, leaves the residuals there, and marks the rows that
// have one.
func (l *linear) publish(targets []int32, marks []uint64, news []uint8, now int32) {
	for first := 0; first < len(targets); first += 64 {
		last := min(first+64, len(targets))
		some := linear{l.rule, l.r[first:last], l.v[first:last], l.at[first:last]}
		var far uint64
		if l.half == 0 {
			far = some.predict(targets[first:last])
		} else {
			far = some.predictAround(targets[first:last])
		}
		if marks[first/64] = far; far != 0 {
			some.correct(far, targets[first:last], news[first:last], now)
		}
	}
}

// predict moves at most 64 rows on by their velocities, and leaves by how much each of them
// misses its target: 0 if that is within the tolerance. It returns a bit for each that is
// not. There is no branch in it: which rows are is not to be foretold.
func (l *linear) predict(targets []int32) (far uint64) {
	r, v, tolerance, q := l.r[:len(targets)], l.v[:len(targets)], l.tolerance, int64(l.q)
	for i := len(targets) - 1; i >= 0; i-- {
		p := r[i] + v[i]
		d := targets[i] - p
		within := (int64(uint32(d+tolerance)) - q) >> 63 // all bits or none
		r[i], targets[i] = p, d&^int32(within)
		far = far + far + uint64(within+1)
	}
	return far
}

// predictAround is predict of a column that wraps.
func (l *linear) predictAround(targets []int32) (far uint64) {
	r, v, tolerance, q := l.r[:len(targets)], l.v[:len(targets)], l.tolerance, int64(l.q)
	mask, half := l.mask, l.half
	for i := len(targets) - 1; i >= 0; i-- {
		p := (r[i] + v[i]) & mask
		d := (targets[i]-p+half)&mask - half
		within := (int64(uint32(d+tolerance)) - q) >> 63
		r[i], targets[i] = p, d&^int32(within)
		far = far + far + uint64(within+1)
	}
	return far
}

// correct takes the rows that are far from their targets to where they miss them by the
// tolerance at most. offs is by how much they do now, and becomes the residuals.
func (l *linear) correct(far uint64, offs []int32, news []uint8, now int32) {
	n := len(offs)
	r, v, at, news := l.r[:n], l.v[:n], l.at[:n], news[:n]
	for ; far != 0; far &= far - 1 {
		row := bits.TrailingZeros64(far)
		res := l.round(offs[row])
		step, k := res*l.q, ageAt(now-1, at[row])
		r[row], v[row], at[row] = l.wrap(r[row]+step), l.turn(v[row], k, step), now
		offs[row], news[row] = res, newsOf(res, k)
	}
}

// enter publishes the rows from the first one on that has just entered.
func (l *linear) enter(targets []int32, first int, now int32) {
	for i := first; i < len(targets); i++ {
		l.r[i], l.v[i], l.at[i] = l.wrap(targets[i]), 0, now
		targets[i] = 0
	}
}

// hold publishes a hold column likewise.
func hold(r, targets []int32, marks []uint64, news []uint8) {
	for i := range news {
		res := targets[i] - r[i]
		r[i], targets[i] = targets[i], res
		if res != 0 {
			marks[i/64] |= 1 << (i % 64)
			news[i] = symbolOf(sizeOf(res))
		}
	}
	for i := len(news); i < len(targets); i++ {
		r[i], targets[i] = targets[i], 0
	}
}
