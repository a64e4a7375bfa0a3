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

// turn returns the velocity after a correction of step. A lossless value has its last
// change for velocity, but none after a lone change from rest, or when to stay would
// have been nearer than to go on.
func (c *rule) turn(v, k, step int32) int32 {
	switch {
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
		far := l.predict(l.r[first:last], l.v[first:last], targets[first:last])
		marks[first/64] = far
		for ; far != 0; far &= far - 1 {
			row := first + bits.TrailingZeros64(far)
			targets[row], news[row] = l.correct(row, targets[row], now)
		}
	}
}

// predict moves at most 64 rows on by their velocities, and leaves by how much each of them
// misses its target: 0 if that is within the tolerance. It returns a bit for each that is
// not. There is no branch in it: which rows are is not to be foretold.
func (l *linear) predict(r, v, targets []int32) (far uint64) {
	v, targets = v[:len(r)], targets[:len(r)]
	mask, half, edge, q := l.mask, l.half, l.tolerance-l.half, int64(l.q)-1
	for i := range r {
		p := (r[i] + v[i]) & mask
		d := (targets[i] - p + half) & mask
		off := q - int64(uint32(d+edge)) // negative beyond the tolerance
		r[i], targets[i] = p, (d-half)&int32(off>>63)
		far = far>>1 | uint64(off)&(1<<63)
	}
	return far >> (64 - uint(len(r)))
}

// correct takes a row that predict has moved to where it misses its target by d at most by
// the tolerance. It returns the residual and the row's news.
func (l *linear) correct(row int, d, now int32) (res int32, news uint8) {
	res = l.round(d)
	step, k := res*l.q, ageAt(now-1, l.at[row])
	l.r[row], l.v[row], l.at[row] = l.wrap(l.r[row]+step), l.turn(l.v[row], k, step), now
	return res, newsOf(res, k)
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
			news[i] = newsOf(res, 0)
		}
	}
	for i := len(news); i < len(targets); i++ {
		r[i], targets[i] = targets[i], 0
	}
}
