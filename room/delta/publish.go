package delta

import "math/bits"

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
		if l.half == 0 {
			marks[first/64] = predict(l.r[first:last], l.v[first:last], targets[first:last], l.tolerance)
		} else {
			marks[first/64] = l.predictAround(l.r[first:last], l.v[first:last], targets[first:last])
		}
	}
	if l.q == 1 {
		l.correctExact(marks, targets, news, now)
	} else {
		l.correct(marks, targets, news, now)
	}
}

// predict moves at most 64 rows on by their velocities, and leaves by how much each of them
// misses its target: 0 if that is within the tolerance. It returns a bit for each that is
// not. There is no branch in it: which rows are is not to be foretold.
func predict(r, v, targets []int32, tolerance int32) (far uint64) {
	v, targets = v[:len(r)], targets[:len(r)]
	reach := int64(2 * tolerance)
	for i := len(r) - 1; i >= 0; i-- {
		p := r[i] + v[i]
		d := targets[i] - p
		beyond := (reach - int64(uint32(d+tolerance))) >> 63 // all bits or none
		r[i], targets[i] = p, d&int32(beyond)
		far = far + far - uint64(beyond)
	}
	return far
}

// predictAround is predict of a column that wraps.
func (c *rule) predictAround(r, v, targets []int32) (far uint64) {
	v, targets = v[:len(r)], targets[:len(r)]
	tolerance, reach, mask, half := c.tolerance, int64(2*c.tolerance), c.mask, c.half
	for i := len(r) - 1; i >= 0; i-- {
		p := (r[i] + v[i]) & mask
		d := (targets[i]-p+half)&mask - half
		beyond := (reach - int64(uint32(d+tolerance))) >> 63
		r[i], targets[i] = p, d&int32(beyond)
		far = far + far - uint64(beyond)
	}
	return far
}

// correct takes the marked rows to where they miss their targets by the tolerance at most.
// offs is by how much they do now, and becomes the residuals.
func (l *linear) correct(marks []uint64, offs []int32, news []uint8, now int32) {
	n, keep := len(offs), int32(-1)
	if l.hold {
		keep = 0
	}
	r, v, at, news := l.r[:n], l.v[:n], l.at[:n], news[:n]
	for i, far := range marks {
		for ; far != 0; far &= far - 1 {
			row := i*64 + bits.TrailingZeros64(far)
			res, k := l.round(offs[row]), ageAt(now-1, at[row])
			step := res * l.q
			r[row], v[row], at[row] = l.wrap(r[row]+step), (v[row]+part(step, k))&keep, now
			offs[row], news[row] = res, newsOf(res, k)
		}
	}
}

// correctExact is correct of a lossless column.
func (l *linear) correctExact(marks []uint64, offs []int32, news []uint8, now int32) {
	for i, far := range marks {
		for ; far != 0; far &= far - 1 {
			row := i*64 + bits.TrailingZeros64(far)
			res, k := offs[row], ageAt(now-1, l.at[row])
			l.r[row], l.v[row], l.at[row] = l.wrap(l.r[row]+res), l.turn(l.v[row], k, res), now
			news[row] = newsOf(res, k)
		}
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
			news[i] = symbolOf(sizeOf(res)) << 1
		}
	}
	for i := len(news); i < len(targets); i++ {
		r[i], targets[i] = targets[i], 0
	}
}
