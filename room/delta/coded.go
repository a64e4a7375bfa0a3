package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// Range-coded survivors, PROTOCOL.md 4.10: first who is awake and how large each
// residual is, which is most of the news, then the rest of the bits.
//
//	| mode 3:2 | pad | section: awake flag per survivor; per active column, symbol per awake row |
//	| per active column, rest of each residual |
//
//	rest, by symbol | 0: nothing | 1 to 14: symbol bits | 15: size-15:5, size bits |

// writeCoded writes a part's kept survivors, of which some are awake.
func (s *Stream) writeCoded(part, kept int, with *settings) {
	e, b := &s.enc, &s.tables[part]
	e.w.Bits(awakeCoded, 2)
	e.w.StartRange()
	e.codeFlags(b, kept, with)
	e.report(Awake)
	e.widest = zeroes(e.widest, len(b.awake))
	for c := range with.columns {
		if col := &with.columns[c]; col.active {
			e.codeSymbols(s.residuals(part, c), b.agesOf(c), b.awake, col)
			e.reportColumn(part, c)
		}
	}
	e.w.StopRange()
	e.report(Awake)
	for c := range with.columns {
		if with.columns[c].active {
			e.writeRests(s.residuals(part, c), b.awake)
			e.reportColumn(part, c)
		}
	}
}

func (e *encoder) codeFlags(b *bench, kept int, with *settings) {
	next := 0
	for row, kind := range b.kinds[:kept] {
		awake := next < len(b.awake) && int(b.awake[next]) == row
		e.w.Flag(awake, with.awake[kind])
		if awake {
			next++
		}
	}
}

func (e *encoder) codeSymbols(residuals []int32, ages []uint8, awake []int32, with *columnSettings) {
	for i, row := range awake {
		symbol := symbolOf(sizeOf(residuals[row]))
		e.w.Symbol(symbol, with.levels[context(ages[row], e.widest[i])])
		e.widest[i] = max(e.widest[i], uint8(symbol))
	}
}

// writeRests writes what the symbols leave open: the sign, then the magnitude without
// its leading bit.
func (e *encoder) writeRests(residuals, awake []int32) {
	for _, row := range awake {
		res := residuals[row]
		if res == 0 {
			continue
		}
		size := sizeOf(res)
		if size >= bitcode.Symbols-1 {
			e.w.Bits(uint32(size-(bitcode.Symbols-1)), 5)
		}
		sign, low := uint32(0), uint32(res)
		if res < 0 {
			sign, low = 1, -uint32(res)
		}
		e.w.Bits(sign|low<<1, uint(size))
	}
}
