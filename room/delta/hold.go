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

// weigh adds the surviving rows of a stream that has committed, of a column that does
// not hold.
func (c *stance) weigh(l *linear, residuals []int32, ages []uint8) {
	for row, age := range ages {
		step := residuals[row] * l.q
		moved := l.v[row]
		if step != 0 {
			moved += step - step/int32(age)
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

// weigh lets the columns of a part weigh a stream's rows.
func (c *census) weigh(s *Stream, part int) {
	b, t := &s.tables[part], s.at(0).parts[part]
	kept := len(t.ids) - b.fresh
	if kept == 0 || t == s.at(1).parts[part] {
		return // there is nothing, or it lies still
	}
	block := 0
	for i := range s.parts[part].Columns {
		col := &s.parts[part].Columns[i]
		if stance := &c.columns[i].stance; mayHold(col) && !stance.hold {
			l := linear{clientRuleOf(col), t.block(block), t.block(block + 1), t.block(block + 2)}
			stance.weigh(&l, b.block(i), b.agesOf(i)[:kept])
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
