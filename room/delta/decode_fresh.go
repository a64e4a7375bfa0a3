package delta

import (
	"fmt"
	"slices"
)

// readFresh reads the full state of the rows that have entered.
func (d *Decoder) readFresh(g *Group, part int) error {
	if len(d.fresh) == 0 {
		return nil
	}
	t := g.state[part]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		for b := range width(c) {
			if err := d.setColumn(t.block(block + b)); err != nil {
				return err
			}
		}
		if c.Linear {
			if err := d.setAges(t.block(block+2), g.now); err != nil {
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

// setAges makes of what encoder.agesOf made of k when the last correction was.
func (d *Decoder) setAges(block []int32, now int32) error {
	for _, row := range d.fresh {
		k := block[row] + 1
		if k == 0 {
			k = maxAge
		}
		if err := checkAge(k); err != nil {
			return err
		}
		block[row] = correctedAt(now, k)
	}
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
		d.groups, d.slots = slices.Insert(d.groups, i, newGroup(slot, d.parts)), slices.Insert(d.slots, i, slot)
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
		if err := d.readRows(g.state[part]); err != nil {
			return err
		}
		d.split(g.state[part], true)
		if err := d.readFresh(g, part); err != nil {
			return err
		}
		d.tally.rows(0, 0, len(d.fresh))
		d.startChanges(part, 0)
		d.countChanges()
	}
	g.count()
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
