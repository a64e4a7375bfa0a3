package delta

import (
	"fmt"
	"unicode/utf8"
)

// split lists the rows that the baseline had and those that have entered since, and
// marks all of them as had. Without a log none has.
func (d *Decoder) split(t *rows, logged bool) {
	if !logged {
		d.survivors, d.fresh = ascending(d.survivors, 0, len(t.ids)), d.fresh[:0]
		return
	}
	d.survivors, d.fresh = d.survivors[:0], d.fresh[:0]
	marks := t.block(t.blocks - 1)
	for row, mark := range marks {
		if mark == oldRow {
			d.survivors = append(d.survivors, int32(row))
		} else {
			d.fresh = append(d.fresh, int32(row))
			marks[row] = oldRow
		}
	}
}

func (d *Decoder) readStrings(g *Group) error {
	if d.r.Bool() {
		count := d.r.Num()
		if count == 0 || count > MaxStrings {
			return fmt.Errorf("%w: %d strings", ErrDelta, count)
		}
		for range count {
			if err := d.readText(g); err != nil {
				return err
			}
		}
	}
	d.report(Strings)
	return d.wrong()
}

func (d *Decoder) readText(g *Group) error {
	index, size := d.r.Num(), int(d.r.Num())
	if index == 0 || index > MaxStrings || size > MaxText || size*8 > d.r.Remaining() {
		return fmt.Errorf("%w: string %d of %d bytes", ErrDelta, index, size)
	}
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(d.r.Bits(8))
	}
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: string %d is not UTF-8", ErrDelta, index)
	}
	d.bytes += len(g.texts[int32(index)]) - size
	if d.bytes < 0 {
		return fmt.Errorf("%w: too many strings held", ErrDelta)
	}
	if g.texts == nil {
		g.texts = map[int32]string{}
	}
	g.texts[int32(index)] = string(text)
	return nil
}

// readLog applies the batches of the last span send ticks, if there are any.
func (d *Decoder) readLog(g *Group, span uint32) (logged bool, err error) {
	if logged = d.r.Bool(); logged {
		batches := d.r.Num()
		if batches == 0 || batches > span {
			return true, fmt.Errorf("%w: %d batches in %d send ticks", ErrDelta, batches, span)
		}
		for range batches {
			for part := range g.state {
				if !g.parts[part].In(g.Kind) {
					continue
				}
				if err := d.readLeaves(g.state[part]); err != nil {
					return true, err
				}
				if err := d.readEnters(g.state[part]); err != nil {
					return true, err
				}
			}
		}
		g.count()
	}
	d.report(Log)
	return logged, d.wrong()
}

func (d *Decoder) readLeaves(t *rows) error {
	count := int(d.r.Num())
	if count > len(t.ids) {
		return fmt.Errorf("%w: %d of %d rows leave", ErrDelta, count, len(t.ids))
	}
	below := len(t.ids)
	for range count {
		row, why := int(d.r.Num()), Reason(d.r.Bits(2))
		if row >= below || why > Moved {
			return fmt.Errorf("%w: row %d leaves for reason %d", ErrDelta, row, why)
		}
		if why == Moved {
			d.r.Num() // the destination matters to those who draw, not here
		}
		t.remove(row)
		d.rows++
		below = row
	}
	return d.wrong()
}

func (d *Decoder) readEnters(t *rows) error {
	count := int(d.r.Num())
	if err := d.admit(t, count); err != nil {
		return err
	}
	id := uint32(0)
	for range count {
		up := d.r.Num()
		if up == 0 {
			return fmt.Errorf("%w: an id enters twice", ErrDelta)
		}
		id += up
		t.add(id)
	}
	return d.wrong()
}

// admit takes count rows from what may still be held. A row costs at least a bit, so
// that memory grows with the bytes received.
func (d *Decoder) admit(t *rows, count int) error {
	if count > MaxRows-len(t.ids) || count > d.rows || count > d.r.Remaining() {
		return fmt.Errorf("%w: %d rows enter", ErrDelta, count)
	}
	d.rows -= count
	return nil
}

// readAwake lists the survivors that have residuals, unless a section tells: then it
// returns true.
func (d *Decoder) readAwake(step bool) (coded bool, err error) {
	switch mode := d.r.Bits(2); {
	case mode == awakeAll:
		d.awake = append(d.awake, d.survivors...)
	case mode == awakeSome:
		for _, row := range d.survivors {
			if d.r.Bool() {
				d.awake = append(d.awake, row)
			}
		}
	case mode == awakeCoded && !step:
		return false, fmt.Errorf("%w: a range-coded span", ErrDelta)
	case mode == awakeCoded:
		coded = true
	}
	d.report(Awake)
	return coded, d.wrong()
}
