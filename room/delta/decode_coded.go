package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// readCoded reads a section: who is awake, and the symbols of the residuals, active
// column after active column, into d.symbols.
func (d *Decoder) readCoded(g *Group, part int) error {
	t, with := g.state[part], &d.shared[part]
	d.r.StartRange()
	d.readFlags(t.block(g.idle(part))[:len(d.survivors)], with, g.now)
	d.report(Awake)
	d.levels = d.levels[:len(d.awake)]
	d.widest = zeroes(d.widest, len(d.awake))
	d.symbols = d.symbols[:0]
	block := 0
	for i := range d.parts[part].Columns {
		c := &d.parts[part].Columns[i]
		if with.columns[i].active {
			var corrected []int32
			if c.Linear {
				corrected = t.block(block + 2)
			}
			d.readSymbols(corrected, g.now-1, &with.columns[i].levels)
			d.reportColumn(part, i)
		}
		block += width(c)
	}
	d.r.StopRange()
	d.report(Awake)
	return d.wrong()
}

// readFlags lists the awake ones of the survivors, which are the first rows.
func (d *Decoder) readFlags(corrected []int32, with *settings, now int32) {
	d.levels = resizeBytes(d.levels, len(corrected))
	for row, at := range corrected {
		d.levels[row] = kindOf(now-at) << 4
	}
	d.r.Flags(d.levels, &with.awake)
	for row, flag := range d.levels {
		if flag&bitcode.FlagSet != 0 {
			d.awake = append(d.awake, int32(row))
		}
	}
}

// readSymbols reads a column's symbols; corrected is nil for a hold column.
func (d *Decoder) readSymbols(corrected []int32, before int32, with *[contexts]uint8) {
	var levels [8]uint8
	copy(levels[:], with[:])
	recent, widest := d.levels, d.widest[:len(d.levels)]
	clear(recent)
	if corrected != nil {
		for i, row := range d.awake[:len(recent)] {
			recent[i] = recentBit(corrected[row], before)
		}
	}
	for i, bit := range recent {
		recent[i] = levels[codeOf(bit, widest[i])>>4&7]
	}
	n := len(d.symbols)
	d.symbols = append(d.symbols, d.levels...)
	symbols := d.symbols[n:]
	d.r.Symbols(symbols, d.levels)
	for i, symbol := range symbols {
		widest[i] = uint8(codeOf(symbol, widest[i]) >> 8)
	}
}

// readRests completes the residuals of one column, whose symbols these are.
func (d *Decoder) readRests(symbols []uint8) {
	d.values = d.values[:0]
	for _, symbol := range symbols {
		size := uint(symbol)
		if size == 0 {
			d.values = append(d.values, 0)
			continue
		}
		if size == bitcode.Symbols-1 {
			size = min(size+uint(d.r.Bits(5)), 32)
		}
		rest := d.r.Bits(size)
		res := int32(rest>>1 | 1<<(size-1))
		if rest&1 != 0 {
			res = -res
		}
		d.values = append(d.values, res)
	}
}
