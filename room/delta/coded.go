package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// Range-coded survivors, PROTOCOL.md 4.10: first who is awake and how large each
// residual is, which is most of the news, then the rest of the bits.
//
//	| mode 3:2 | pad | section: awake flag per survivor; per active column, symbol per awake row |
//	| per active column, rest of each residual |
//
//	rest, by symbol | 0: nothing | 1 to 14: symbol bits | 15: size-15:5, size bits |

// writeCoded writes a part's survivors, of which some are awake.
func (s *Stream) writeCoded(part int, with *settings) {
	e, b := &s.enc, &s.tables[part]
	e.w.Bits(awakeCoded, 2)
	e.w.StartRange()
	e.w.Flags(b.kinds, &with.awake)
	e.report(Awake)
	e.widest = zeroes(e.widest, len(b.awake))
	for c := range with.columns {
		if col := &with.columns[c]; col.active {
			e.codeSymbols(b.block(c), b.agesOf(c), b.awake, &col.levels)
			e.reportColumn(part, c)
		}
	}
	e.w.StopRange()
	e.report(Awake)
	for c := range with.columns {
		if with.columns[c].active {
			e.w.Rests(b.block(c), b.awake)
			e.reportColumn(part, c)
		}
	}
}

func (e *encoder) codeSymbols(residuals []int32, ages []uint8, awake []int32, levels *[contexts]uint8) {
	if cap(e.codes) < len(awake) {
		e.codes = make([]bitcode.Code, 2*len(awake))
	}
	codes, widest := e.codes[:len(awake)], e.widest[:len(awake)]
	for i, row := range awake {
		symbol := symbolOf(sizeOf(residuals[row]))
		codes[i] = bitcode.CodeOf(symbol, levels[context(ages[row], widest[i])])
		widest[i] = max(widest[i], symbol)
	}
	e.w.Symbols(codes)
}
