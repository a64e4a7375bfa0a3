package delta

import "github.com/roomtick/roomtick/schema"

// A value that is turned by chance goes on nowhere: to expect its last motion once more
// makes what comes next twice as uncertain. A correction of a column that holds leaves
// no velocity behind (PROTOCOL.md 3.4), so that its values are expected to stay. That is
// chosen for all groups together, from what either would have cost in the send ticks in
// which the column does not hold; while it does, that is tried again now and then.
const (
	weighAt   = 4    // send ticks before a look
	holdPays  = 8    // to hold must save one unit in so many
	weighed   = 32   // values that must have been weighed
	remembers = 512  // values, of which then half are forgotten
	triesHold = 1024 // send ticks between two that do not hold; a multiple of lookEvery
)

// stance says whether a column holds, and why.
type stance struct {
	hold          bool
	since         uint32 // send ticks
	moving, still uint64 // units of corrections if values go on, and if they stay
	values        uint32
}

// weigh adds rows of a column that does not hold: where they were, where they are, and
// their residuals, if any has one.
func (c *stance) weigh(l *rule, was, now, residuals []int32) {
	for row, r := range was {
		step, moved := int32(0), l.centre(now[row]-r)
		if len(residuals) > 0 {
			step = residuals[row] * l.q
		}
		if moved|step == 0 {
			continue
		}
		c.values++
		c.moving += uint64(magnitude(step))
		c.still += uint64(magnitude(moved))
	}
	if c.values > remembers {
		c.values, c.moving, c.still = c.values/2, c.moving/2, c.still/2
	}
}

// look decides for the next send ticks.
func (c *stance) look() {
	c.since += lookEvery
	switch {
	case !c.hold && c.values >= weighed && c.still+c.moving/holdPays < c.moving:
		c.hold, c.since = true, 0
	case c.hold && c.since >= triesHold:
		// What was weighed long ago must not outvote what is weighed now.
		c.values, c.moving, c.still = c.values/4, c.moving/4, c.still/4
		c.hold = false
	}
}

// weigh lets the columns of a part weigh a stream's rows, unless some came or went.
func (c *census) weigh(s *Stream, part int) {
	b, t, was := &s.tables[part], s.at(0).parts[part], s.at(1).parts[part]
	if t == was || len(t.ids) == 0 || s.at(0).log.names(part) {
		return
	}
	block := 0
	for i := range s.parts[part].Columns {
		col := &s.parts[part].Columns[i]
		var residuals []int32
		if len(b.awake) > 0 {
			residuals = b.block(i)
		}
		if stance := &c.columns[i].stance; mayHold(col) && !stance.hold {
			l := clientRuleOf(col)
			stance.weigh(&l, was.block(block), t.block(block), residuals)
		}
		block += width(col)
	}
}

// mayHold reports whether holding is a choice: a value with tolerance 0 decides for itself.
func mayHold(c *schema.Column) bool { return c.Linear && c.Q > 1 }

// corrected reports whether any value was in this send tick.
func (s *Stream) corrected() bool {
	for part := range s.tables {
		if len(s.tables[part].awake) > 0 {
			return true
		}
	}
	return false
}

// holds reports whether a column of the stream holds in this send tick.
func (s *Stream) holds(part, column int) bool {
	return s.guide != nil && s.guide.censuses[part].columns[column].hold
}
