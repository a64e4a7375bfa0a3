package delta

import (
	"fmt"
	"slices"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// readRice reads a value for each of rows into d.values; clearValues takes them out.
func (d *Decoder) readRice(rows []int32, p uint) {
	for _, row := range rows {
		d.values[row] = bitcode.Unzigzag(d.r.Rice(p))
	}
}

func (d *Decoder) clearValues(rows []int32) {
	for _, row := range rows {
		d.values[row] = 0
	}
}

// readColumn reads `column(values)` into d.values.
func (d *Decoder) readColumn(rows []int32) error {
	if !d.r.Bool() {
		return d.wrong()
	}
	p := uint(d.r.Bits(5))
	if p > maxRice {
		return fmt.Errorf("%w: Rice parameter %d", ErrDelta, p)
	}
	d.readRice(rows, p)
	return d.wrong()
}

// applyStep advances the survivors by one send tick. coded says that readCoded has
// read their symbols.
func (d *Decoder) applyStep(g *Group, part int, coded bool) error {
	t, with := &g.state[part], &d.shared[part]
	symbols, block := d.symbols, 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		any := len(d.awake) > 0 && with.columns[i].active
		switch {
		case any && coded:
			d.readRests(symbols)
			symbols = symbols[len(d.awake):]
		case any:
			if any = d.r.Bool(); any {
				d.readRice(d.awake, uint(with.columns[i].rice))
			}
		}
		if err := d.wrong(); err != nil {
			return err
		}
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			l.step(d.survivors, d.values)
		} else if any {
			add(t.block(block), d.awake, d.values)
		}
		if any {
			d.clearValues(d.awake)
		}
		block += width(c)
		d.reportColumn(part, i)
	}
	d.rest(g, part, d.survivors)
	return nil
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

// step advances rows by their residuals.
func (l *linear) step(rows, residuals []int32) {
	for _, row := range rows {
		l.r[row], l.v[row], l.k[row] = l.advance(l.r[row], l.v[row], l.k[row], residuals[row])
	}
}

func add(block, rows, residuals []int32) {
	for _, row := range rows {
		block[row] += residuals[row]
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
	if err := d.readColumn(d.awake); err != nil {
		return err
	}
	add(block, d.awake, d.values)
	d.clearValues(d.awake)
	return nil
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
		for b, bias := range []int32{0, 0, 1}[:width(c)] { // k travels as k-1
			if err := d.setColumn(t.block(block+b), bias); err != nil {
				return err
			}
		}
		if c.Linear {
			if err := ages(t.block(block+2), d.fresh); err != nil {
				return err
			}
		}
		block += width(c)
		d.reportColumn(part, i)
	}
	d.rest(g, part, d.fresh)
	return nil
}

// setColumn reads a column into a block of the fresh rows, each plus bias.
func (d *Decoder) setColumn(block []int32, bias int32) error {
	if err := d.readColumn(d.fresh); err != nil {
		return err
	}
	for _, row := range d.fresh {
		block[row] = d.values[row] + bias
	}
	d.clearValues(d.fresh)
	return nil
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
	d.values = zeroed(d.values, count)
	d.fresh = ascending(d.fresh, 0, count)
	if err := d.readColumn(d.fresh); err != nil {
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
	d.clearValues(d.fresh)
	d.report(Log)
	return nil
}
