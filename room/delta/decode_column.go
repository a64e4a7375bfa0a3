package delta

import (
	"fmt"
	"slices"

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
	return true, d.readValues(n, uint(d.r.Bits(5)))
}

// readValues reads `values(p)` of n values into d.values.
func (d *Decoder) readValues(n int, p uint) error {
	d.values = resize(d.values, n)
	if p != sparse {
		d.r.Residuals(d.values, p)
		return d.wrong()
	}
	clear(d.values)
	at := -1
	for range min(int(d.r.Num()), n) {
		at += 1 + int(d.r.Num())
		if at >= n {
			return fmt.Errorf("%w: value %d of %d", ErrDelta, at, n)
		}
		d.values[at] = bitcode.Unzigzag(d.r.Num())
	}
	return d.wrong()
}

// applyStep advances the survivors by one send tick. coded says that readCoded has
// read their symbols. In a step the survivors are the first rows.
func (d *Decoder) applyStep(g *Group, part int, coded bool) error {
	t, with := &g.state[part], &d.shared[part]
	kept := len(d.survivors)
	idle := t.block(g.idle(part))
	symbols, block := d.symbols, 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		any := len(d.awake) > 0 && with.columns[i].active
		switch {
		case any && coded:
			d.readRests(symbols[:len(d.awake)])
			symbols = symbols[len(d.awake):]
		case any:
			if any = d.r.Bool(); any {
				if err := d.readValues(len(d.awake), uint(with.columns[i].rice)); err != nil {
					return err
				}
			}
		}
		if err := d.wrong(); err != nil {
			return err
		}
		switch {
		case c.Linear:
			l := linear{ruleOf(c), t.block(block)[:kept], t.block(block + 1)[:kept], t.block(block + 2)[:kept]}
			if any {
				l.correct(d.awake, d.values, idle)
			}
			l.coastOne()
		case any:
			add(t.block(block), d.awake, d.values)
		}
		block += width(c)
		d.reportColumn(part, i)
	}
	if firstIdle(d.parts[part].Columns) == 1 {
		for row := range idle[:kept] {
			idle[row] = min(idle[row]+1, maxAge)
		}
	}
	return nil
}

// correct takes in the residuals of the awake rows, so that coastOne brings R, V and k
// to where advance would.
func (l *linear) correct(awake, residuals, idle []int32) {
	for i, row := range awake {
		if res := residuals[i]; res != 0 {
			r, v, _ := l.advance(l.r[row], l.v[row], l.k[row], res)
			l.r[row], l.v[row], l.k[row] = r-v, v, 0
			idle[row] = 0
		}
	}
}

// coastOne advances every row by a send tick without a residual.
func (l *linear) coastOne() {
	v, k := l.v[:len(l.r)], l.k[:len(l.r)]
	for row, r := range l.r {
		l.r[row] = (r + v[row]) & l.mask
		k[row] = min(k[row]+1, maxAge)
	}
}

// rest finds how long rows have been idle: the smallest k in each.
func (d *Decoder) rest(g *Group, part int, rows []int32) {
	t := &g.state[part]
	idle, block := t.block(g.idle(part)), 0
	for _, row := range rows {
		idle[row] = maxAge
	}
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if c.Linear {
			k := t.block(block + 2)
			for _, row := range rows {
				idle[row] = min(idle[row], k[row])
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

// applySpan advances the survivors by span send ticks.
func (d *Decoder) applySpan(g *Group, part int, span int32) error {
	t := &g.state[part]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			if err := d.spanLinear(&l, span); err != nil {
				return err
			}
		} else if err := d.addColumn(t.block(block)); err != nil {
			return err
		}
		block += width(c)
		d.reportColumn(part, i)
	}
	d.rest(g, part, d.survivors)
	return nil
}

// addColumn reads a column of residuals, if any row has some, and adds it to a block.
func (d *Decoder) addColumn(block []int32) error {
	if len(d.awake) == 0 {
		return nil
	}
	any, err := d.readColumn(len(d.awake))
	if any {
		add(block, d.awake, d.values)
	}
	return err
}

func (d *Decoder) spanLinear(l *linear, span int32) error {
	for _, row := range d.survivors {
		l.r[row], l.k[row] = l.coast(l.r[row], l.v[row], l.k[row], span)
	}
	for _, block := range [...][]int32{l.r, l.v, l.k} {
		if err := d.addColumn(block); err != nil {
			return err
		}
	}
	for _, row := range d.awake {
		l.r[row] = l.wrap(l.r[row])
	}
	return ages(l.k, d.awake)
}

// ages checks that k, which advance divides by, is from 1 to 255.
func ages(k, rows []int32) error {
	for _, row := range rows {
		if k[row] < 1 || k[row] > maxAge {
			return fmt.Errorf("%w: k is %d", ErrDelta, k[row])
		}
	}
	return nil
}

// readFresh reads the full state of the rows that have entered.
func (d *Decoder) readFresh(g *Group, part int) error {
	if len(d.fresh) == 0 {
		return nil
	}
	t := &g.state[part]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		for b := range width(c) {
			if err := d.setColumn(t.block(block + b)); err != nil {
				return err
			}
		}
		if c.Linear {
			if err := d.setAges(t.block(block + 2)); err != nil {
				return err
			}
		}
		block += width(c)
		d.reportColumn(part, i)
	}
	d.rest(g, part, d.fresh)
	return nil
}

// setColumn reads a column into a block of the fresh rows.
func (d *Decoder) setColumn(block []int32) error {
	if _, err := d.readColumn(len(d.fresh)); err != nil {
		return err
	}
	for i, row := range d.fresh {
		block[row] = d.values[i]
	}
	return nil
}

// setAges makes k of what encoder.agesOf made of it.
func (d *Decoder) setAges(block []int32) error {
	for _, row := range d.fresh {
		if block[row]++; block[row] == 0 {
			block[row] = maxAge
		}
	}
	return ages(block, d.fresh)
}

// applyKeyframe makes a group anew.
func (d *Decoder) applyKeyframe(slot, kind uint32) error {
	if kind > 4 {
		return fmt.Errorf("%w: kind %d", ErrDelta, kind)
	}
	i, ok := d.find(slot)
	if !ok {
		if len(d.groups) == maxGroups {
			return fmt.Errorf("%w: more than %d groups", ErrDelta, maxGroups)
		}
		d.groups = slices.Insert(d.groups, i, newGroup(slot, d.parts))
	}
	g := d.groups[i]
	d.empty(g)
	g.Kind, g.frame = uint8(kind), d.frame
	if err := d.readStrings(g); err != nil {
		return err
	}
	for part := range g.state {
		if !g.parts[part].In(g.Kind) {
			continue
		}
		if err := d.readRows(&g.state[part]); err != nil {
			return err
		}
		d.split(&g.state[part])
		if err := d.readFresh(g, part); err != nil {
			return err
		}
		d.tally.rows(0, 0, len(d.fresh))
	}
	return nil
}

// readRows reads a keyframe's ids.
func (d *Decoder) readRows(t *rows) error {
	count := int(d.r.Num())
	if err := d.admit(t, count); err != nil {
		return err
	}
	if _, err := d.readColumn(count); err != nil {
		return err
	}
	id := uint32(0)
	for _, up := range d.values {
		if up == 0 {
			return fmt.Errorf("%w: an id enters twice", ErrDelta)
		}
		id += uint32(up)
		t.add(id)
	}
	d.report(Log)
	return nil
}
