package delta

import "slices"

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
	codes, n := s.codes(part, with), len(b.awake)
	for c := range with.columns {
		if col := &with.columns[c]; col.active {
			var levels [8]uint8
			copy(levels[:], col.levels[:])
			e.w.Symbols(codes[:n], &levels)
			codes = codes[n:]
			e.reportColumn(part, c)
		}
	}
	e.w.StopRange()
	e.report(Awake)
	for c := range with.columns {
		if with.columns[c].active {
			e.w.Rests(b.block(c), b.marksOf(c))
			e.reportColumn(part, c)
		}
	}
}

// codes returns the symbols of the awake rows and, in the upper bits, their contexts: active
// column after active column. They are made once in a send tick.
func (s *Stream) codes(part int, with *settings) []uint8 {
	b := &s.tables[part]
	if len(b.codes) > 0 {
		return b.codes
	}
	t, n, block := s.at(0).parts[part], len(b.awake), 0
	b.widest = zeroes(b.widest, n)
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		if with.columns[i].active {
			b.codes = slices.Grow(b.codes, n)[:len(b.codes)+n]
			out := b.codes[len(b.codes)-n:]
			if c.Linear {
				b.codeLinear(out, b.newsOf(i), t.block(block+2), int32(s.now)-1)
			} else {
				b.codeHold(out, b.newsOf(i))
			}
		}
		block += width(c)
	}
	return b.codes
}

// codeLinear makes a linear column's codes. Of what was corrected just now the news tell
// whether it was a send tick ago, of all else the tick itself.
func (b *bench) codeLinear(codes, news []uint8, corrected []int32, before int32) {
	widest := b.widest[:len(codes)]
	for i, row := range b.awake[:len(codes)] {
		code := codeOf(news[row]|recentBit(corrected[row], before), widest[i])
		codes[i], widest[i] = uint8(code), uint8(code>>8)
	}
}

// codeHold makes those of a hold column, where nothing has an age.
func (b *bench) codeHold(codes, news []uint8) {
	widest := b.widest[:len(codes)]
	for i, row := range b.awake[:len(codes)] {
		code := codeOf(news[row], widest[i])
		codes[i], widest[i] = uint8(code), uint8(code>>8)
	}
}
