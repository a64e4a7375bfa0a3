package bits

import "math/bits"

// A range-coded section, PROTOCOL.md 4.10: whole bytes in the middle of bit codes. The
// coder narrows an interval of 24 bits symbol by symbol and puts out its upper byte
// whenever that is settled, so that a symbol takes no whole number of bits.
const (
	rangeFull  = 1 << 24
	rangeLeast = 1 << 16 // below it a byte is settled
	rangeEnd   = 1 << 17 // from here on one byte names a number in the interval, below it two
)

// StartRange begins a section; only Symbol and Flag may follow until StopRange. It
// aligns first.
func (w *Writer) StartRange() {
	w.Align()
	w.low, w.span = 0, rangeFull
}

// Symbol writes a symbol from 0 to Symbols-1.
func (w *Writer) Symbol(symbol int, level uint8) {
	t := &tables[level]
	from := uint32(t[symbol])
	w.narrow(from, uint32(t[symbol+1])-from)
}

// Flag writes a bit whose chance of being set is the level's.
func (w *Writer) Flag(set bool, level uint8) {
	share := chances[level&15]
	if set {
		w.narrow(chanceAll-share, share)
		return
	}
	w.narrow(0, chanceAll-share)
}

func (w *Writer) narrow(from, share uint32) {
	unit := w.span >> chanceBits
	w.low += unit * from
	w.span = unit * share
	if w.span < rangeLeast {
		w.settle()
	}
}

// settle puts out upper bytes until the interval is wide enough again.
func (w *Writer) settle() {
	w.carry()
	for w.span < rangeLeast {
		w.buf = append(w.buf, byte(w.low>>16))
		w.low = w.low << 8 & (rangeFull - 1)
		w.span <<= 8
	}
}

// carry takes what low has too much into the bytes before. It ends within the section,
// which as a whole stays below 1.
func (w *Writer) carry() {
	if w.low < rangeFull {
		return
	}
	w.low -= rangeFull
	for i := len(w.buf) - 1; ; i-- {
		w.buf[i]++
		if w.buf[i] != 0 {
			return
		}
	}
}

// StopRange ends the section with the bytes that any continuation decodes from.
func (w *Writer) StopRange() {
	w.carry()
	if w.span >= rangeEnd {
		w.low += 1<<16 - 1
		w.carry()
		w.buf = append(w.buf, byte(w.low>>16))
	} else {
		w.low += 1<<8 - 1
		w.carry()
		w.buf = append(w.buf, byte(w.low>>16), byte(w.low>>8))
	}
	w.low, w.span = 0, 0
}

// spanBits is what a section's interval has taken of the next bytes, in bits.
func spanBits(span uint32) int {
	if span == 0 {
		return 0
	}
	return 25 - bits.Len32(span)
}

// StartRange begins to read a section. It aligns first.
func (r *Reader) StartRange() {
	r.Align()
	r.at, r.span, r.code = r.pos>>3, rangeFull, 0
	for range 3 {
		r.code = r.code<<8 | r.nextByte()
	}
}

// nextByte returns the next byte of a section, zeros past the end: StopRange finds out.
func (r *Reader) nextByte() uint32 {
	b := uint32(0)
	if r.at < len(r.buf) {
		b = uint32(r.buf[r.at])
	}
	r.at++
	return b
}

// Symbol reads what Writer.Symbol wrote at the same level.
func (r *Reader) Symbol(level uint8) int {
	t := &tables[level]
	unit := r.span >> chanceBits
	symbol, from, to := 0, uint32(0), unit*uint32(t[1])
	for r.code >= to && symbol < Symbols-1 {
		symbol++
		from, to = to, unit*uint32(t[symbol+1])
	}
	r.code -= from
	r.span = to - from
	if r.span < rangeLeast {
		r.refill()
	}
	return symbol
}

// Flag reads what Writer.Flag wrote at the same level.
func (r *Reader) Flag(level uint8) bool {
	split := r.span >> chanceBits * (chanceAll - chances[level&15])
	set := r.code >= split
	if set {
		r.code -= split
		r.span = r.span >> chanceBits * chances[level&15]
	} else {
		r.span = split
	}
	if r.span < rangeLeast {
		r.refill()
	}
	return set
}

func (r *Reader) refill() {
	for r.span < rangeLeast {
		r.code = r.code<<8 | r.nextByte()
		r.span <<= 8
	}
}

// StopRange ends the section: codes go on at the byte behind it.
func (r *Reader) StopRange() {
	end := r.at - 2
	if r.span < rangeEnd {
		end++
	}
	switch {
	case end > len(r.buf):
		r.fail(ErrShort)
	case r.code >= r.span:
		r.fail(ErrCode)
	default:
		r.pos = end * 8
	}
	r.span = 0
}
