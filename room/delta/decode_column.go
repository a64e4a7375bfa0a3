package delta

import (
	"fmt"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// readColumn reads `column` of n values into d.values, and reports whether it told any
// that are not zero.
func (d *Decoder) readColumn(n int) (any bool, err error) {
	d.values = resize(d.values, n)
	if !d.r.Bool() {
		clear(d.values)
		return false, d.wrong()
	}
	var c coding
	c.read(&d.r)
	return true, d.readValues(n, c)
}

// readValues reads `values` of n values into d.values.
func (d *Decoder) readValues(n int, c coding) error {
	d.values = resize(d.values, n)
	switch c.p {
	case even:
		d.r.Evens(d.values, uint32(c.arg))
	case sparse:
		return d.readSparse(uint(c.arg))
	default:
		d.r.Residuals(d.values, uint(c.p))
	}
	return d.wrong()
}

func (d *Decoder) readSparse(rice uint) error {
	n := len(d.values)
	clear(d.values)
	count := int(d.r.Count())
	if count > n {
		return fmt.Errorf("%w: %d values of %d", ErrDelta, count, n)
	}
	apart, at := bitcode.Gap(n, count), -1
	for range count {
		at += 1 + int(d.r.Rice(apart))
		if at >= n {
			return fmt.Errorf("%w: value %d of %d", ErrDelta, at, n)
		}
		d.values[at] = bitcode.Unzigzag(d.r.Rice(rice) + 1)
	}
	return d.wrong()
}

// applyStep advances the survivors by one send tick. coded says that readCoded has
// read their symbols. In a step the survivors are the first rows.
func (d *Decoder) applyStep(g *Group, part int, coded bool) error {
	t, with := g.state[part], &d.shared[part]
	kept := len(d.survivors)
	idle := t.block(g.idle(part))
	symbols, block := d.symbols, 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		any := len(d.awake) > 0 && with.columns[i].active
		switch {
		case !any && !c.Linear:
			block++
			continue
		case !any && still(t.block(block + 1)[:kept]):
			block += 3
			continue
		case any && coded:
			d.readRests(symbols[:len(d.awake)])
			symbols = symbols[len(d.awake):]
		case any:
			if any = d.r.Bool(); any {
				if err := d.readValues(len(d.awake), with.columns[i].coding); err != nil {
					return err
				}
			}
		}
		if err := d.wrong(); err != nil {
			return err
		}
		d.keep(t.block(block)[:kept], c.Linear || any)
		switch {
		case c.Linear:
			l := linear{clientRuleOf(c), t.block(block)[:kept], t.block(block + 1)[:kept], t.block(block + 2)[:kept]}
			l.hold = with.columns[i].hold
			if any {
				l.take(d.awake, d.values, idle, g.now)
			}
			l.coastOne()
		case any:
			add(t.block(block), d.awake, d.values)
		}
		d.compare(t.block(block)[:kept], c)
		block += width(c)
		d.reportColumn(part, i)
	}
	return nil
}

// still reports whether no row of a column moves: most columns mostly do not.
func still(velocities []int32) bool { return !anyNonZero(velocities) }

// take takes in the residuals of the awake rows, so that coastOne brings R and V to where
// advance would.
func (l *linear) take(awake, residuals, corrected []int32, now int32) {
	for i, row := range awake {
		if res := residuals[i]; res != 0 {
			r, v, _ := l.advance(l.r[row], l.v[row], ageAt(now-1, l.at[row]), res)
			l.r[row], l.v[row], l.at[row] = r-v, v, now
			corrected[row] = now
		}
	}
}

// coastOne advances every row by a send tick without a residual.
func (l *linear) coastOne() {
	v := l.v[:len(l.r)]
	for row, r := range l.r {
		l.r[row] = (r + v[row]) & l.mask
	}
}

// rest finds in which send tick rows were last corrected in any column.
func (d *Decoder) rest(g *Group, part int, rows []int32) {
	t := g.state[part]
	last, block := t.block(g.idle(part)), 0
	for _, row := range rows {
		last[row] = correctedAt(g.now, maxAge)
	}
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if c.Linear {
			at := t.block(block + 2)
			for _, row := range rows {
				last[row] = g.now - min(g.now-last[row], g.now-at[row])
			}
		}
		block += width(c)
	}
}

func add(block, rows, residuals []int32) {
	for i, row := range rows {
		block[row] += residuals[i]
	}
}
