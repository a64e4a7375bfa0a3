package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// readCoded reads a section: who is awake, and the symbols of the residuals, active
// column after active column, into d.symbols.
func (d *Decoder) readCoded(g *Group, part int) error {
	t, with := &g.state[part], &d.shared[part]
	d.r.StartRange()
	d.awake = d.awake[:0]
	idle := t.block(g.idle(part))
	for _, row := range d.survivors {
		if d.r.Flag(with.awake[idleKind(idle[row])]) {
			d.awake = append(d.awake, row)
		}
	}
	d.report(Awake)
	d.widest = zeroes(d.widest, len(d.awake))
	d.symbols = d.symbols[:0]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if with.columns[i].active {
			var ages []int32
			if c.Linear {
				ages = t.block(block + 2)
			}
			d.readSymbols(ages, &with.columns[i])
			d.reportColumn(part, i)
		}
		block += width(c)
	}
	d.r.StopRange()
	d.report(Awake)
	return d.wrong()
}

// readSymbols reads a column's symbols; ages is nil for a hold column.
func (d *Decoder) readSymbols(ages []int32, with *columnSettings) {
	for i, row := range d.awake {
		age := uint8(0)
		if ages != nil {
			age = uint8(ages[row])
		}
		symbol := uint8(d.r.Symbol(with.levels[context(age, d.widest[i])]))
		d.widest[i] = max(d.widest[i], symbol)
		d.symbols = append(d.symbols, symbol)
	}
}

// readRests completes the residuals of one column, whose symbols these are, into
// d.values.
func (d *Decoder) readRests(symbols []uint8) {
	for i, row := range d.awake {
		size := uint(symbols[i])
		if size == 0 {
			continue
		}
		if size == bitcode.Symbols-1 {
			size += uint(d.r.Bits(5))
		}
		size = min(size, 32)
		rest := d.r.Bits(size)
		res := int32(rest>>1 | 1<<(size-1))
		if rest&1 != 0 {
			res = -res
		}
		d.values[row] = res
	}
}
