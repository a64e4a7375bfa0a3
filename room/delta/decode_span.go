package delta

import "fmt"

// applySpan advances the survivors by length send ticks.
func (d *Decoder) applySpan(g *Group, part int, length int32) error {
	if len(d.awake)+len(d.fresh) == 0 {
		d.coastAll(g, part, length)
		return nil
	}
	t := g.state[part]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		d.keep(t.block(block), true)
		if c.Linear {
			l := linear{clientRuleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			if err := d.spanLinear(&l, span{g.now, length}); err != nil {
				return err
			}
		} else if err := d.addColumn(t.block(block)); err != nil {
			return err
		}
		d.compare(t.block(block), c)
		block += width(c)
		d.reportColumn(part, i)
	}
	d.rest(g, part, d.survivors)
	return nil
}

// coastAll is applySpan of a part whose rows all were there and have no residuals.
func (d *Decoder) coastAll(g *Group, part int, span int32) {
	t := g.state[part]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if c.Linear {
			r, v := t.block(block), t.block(block+1)
			if !still(v) {
				d.keep(r, true)
				for row := range r {
					r[row] = (r[row] + span*v[row]) & (c.Wrap - 1)
				}
				d.compare(r, c)
			}
		}
		block += width(c)
	}
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

func (d *Decoder) spanLinear(l *linear, over span) error {
	for _, row := range d.survivors {
		l.r[row] = l.wrap(l.r[row] + over.length*l.v[row])
	}
	for _, block := range [...][]int32{l.r, l.v} {
		if err := d.addColumn(block); err != nil {
			return err
		}
	}
	for _, row := range d.awake {
		l.r[row] = l.wrap(l.r[row])
	}
	return d.addAges(l.at, over.now)
}

// addAges reads the residuals of k.
func (d *Decoder) addAges(corrected []int32, now int32) error {
	if len(d.awake) == 0 {
		return nil
	}
	if any, err := d.readColumn(len(d.awake)); !any {
		return err
	}
	for i, row := range d.awake {
		k := ageAt(now, corrected[row]) + d.values[i]
		if err := checkAge(k); err != nil {
			return err
		}
		corrected[row] = correctedAt(now, k)
	}
	return nil
}

// checkAge checks that k, which advance divides by, is from 1 to 255.
func checkAge(k int32) error {
	if k < 1 || k > maxAge {
		return fmt.Errorf("%w: k is %d", ErrDelta, k)
	}
	return nil
}
