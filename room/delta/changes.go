package delta

import "github.com/roomtick/roomtick/schema"

// A decoder with a tally counts the rows that change in what everybody sees. It keeps
// one column at a time and compares it with what the frame made of it: a linear column
// moves without residuals, and residuals may round to nothing.

// startChanges readies the marks of a part's rows.
func (d *Decoder) startChanges(part, rows int) {
	if d.counts(part) {
		d.changed = resize(d.changed, rows)
		clear(d.changed)
	}
	d.counting = d.counts(part)
}

func (d *Decoder) counts(part int) bool { return d.tally != nil && !d.parts[part].Owner }

// keep copies a column that may change; of one that may not it keeps nothing.
func (d *Decoder) keep(column []int32, mayChange bool) {
	d.before = d.before[:0]
	if d.counting && mayChange {
		d.before = append(d.before, column...)
	}
}

// compare marks the rows whose value in whole steps is not the one kept. New rows
// may be marked too: countChanges does not look at them.
func (d *Decoder) compare(column []int32, c *schema.Column) {
	before := d.before
	if len(before) == 0 {
		return
	}
	half, shift := int32(0), 0
	if c.Tolerance > 0 {
		half, shift = 8, 4 // units of 1/16 step
	}
	changed := d.changed[:len(before)]
	for row, now := range column[:len(before)] {
		changed[row] |= (now+half)>>shift ^ (before[row]+half)>>shift
	}
}

// countChanges counts the survivors that are marked, and the new rows.
func (d *Decoder) countChanges() {
	if !d.counting {
		return
	}
	for _, row := range d.survivors {
		if d.changed[row] != 0 {
			d.tally.Changed++
		}
	}
	d.tally.Entered += uint64(len(d.fresh))
}
