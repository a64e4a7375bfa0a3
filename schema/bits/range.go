package bits

import (
	"encoding/binary"
	"math/bits"
)

// A range-coded section, PROTOCOL.md 4.10: whole bytes in the middle of bit codes. The
// coder narrows an interval of 24 bits symbol by symbol and puts out its upper byte
// whenever that is settled, so that a symbol takes no whole number of bits.
const (
	rangeFull  = 1 << 24
	rangeLeast = 1 << 16 // below it a byte is settled
	rangeEnd   = 1 << 17 // from here on one byte names a number in the interval, below it two
)

// StartRange begins a section; only Symbols and Flags may follow until StopRange. It
// aligns first.
func (w *Writer) StartRange() {
	w.Align()
	w.low, w.span = 0, rangeFull
}

// Rests writes what the symbols of residuals leave open, one each of those rows: nothing of
// 0, of any other its sign and its magnitude without the leading bit; of a magnitude of
// Symbols-1 bits or more first by how many it is longer.
func (w *Writer) Rests(residuals, rows []int32) {
	acc, fill, buf := w.acc, w.fill, w.buf
	for _, row := range rows {
		res := residuals[row]
		if res == 0 {
			continue
		}
		sign := uint32(res >> 31)
		magnitude := uint32(res) ^ sign - sign
		size := uint(bits.Len32(magnitude))
		if size >= Symbols-1 {
			w.acc, w.fill, w.buf = acc, fill, buf
			w.Bits(uint32(size-(Symbols-1)), 5)
			w.Bits(magnitude<<1|sign&1, size)
			acc, fill, buf = w.acc, w.fill, w.buf
			continue
		}
		acc |= uint64((magnitude<<1|sign&1)&(1<<size-1)) << fill
		if fill += size; fill >= 32 {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(acc))
			acc >>= 32
			fill -= 32
		}
	}
	w.acc, w.fill, w.buf = acc, fill, buf
}

// FlagSet marks a flag that is set.
const FlagSet = 0x80

// Code is a symbol from 0 to Symbols-1 at a level.
type Code uint16

// CodeOf makes a code.
func CodeOf(symbol, level uint8) Code { return Code(level)<<4 | Code(symbol) }

// Symbols writes codes.
func (w *Writer) Symbols(codes []Code) {
	low, span := w.low, w.span
	for _, code := range codes {
		t := &tables[code>>4]
		symbol := code & (Symbols - 1)
		from := uint32(t[symbol])
		unit := span >> chanceBits
		low += unit * from
		span = unit * (uint32(t[symbol+1]) - from)
		if span < rangeLeast {
			w.low, w.span = low, span
			w.settle()
			low, span = w.low, w.span
		}
	}
	w.low, w.span = low, span
}

// Flags writes bits: each is set if its byte has FlagSet, and its chance of that is the
// level that levels holds at the byte's low bits.
func (w *Writer) Flags(flags []uint8, levels *[8]uint8) {
	var splits [8]uint32 // the chance of not being set
	for i, level := range levels {
		splits[i] = chanceAll - chances[level&15]
	}
	low, span := w.low, w.span
	for _, flag := range flags {
		unit := span >> chanceBits
		split := splits[flag&7]
		if flag >= FlagSet {
			low += unit * split
			span = unit * (chanceAll - split)
		} else {
			span = unit * split
		}
		if span < rangeLeast {
			w.low, w.span = low, span
			w.settle()
			low, span = w.low, w.span
		}
	}
	w.low, w.span = low, span
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

// Symbols reads a symbol at each level into dst, which is as long.
func (r *Reader) Symbols(dst, levels []uint8) {
	dst = dst[:len(levels)]
	code, span := r.code, r.span
	for i, level := range levels {
		t := &tables[level]
		unit := span >> chanceBits
		symbol, from, to := 0, uint32(0), unit*uint32(t[1])
		for code >= to && symbol < Symbols-1 {
			symbol++
			from, to = to, unit*uint32(t[symbol+1])
		}
		dst[i] = uint8(symbol)
		code -= from
		span = to - from
		for span < rangeLeast {
			code = code<<8 | r.nextByte()
			span <<= 8
		}
	}
	r.code, r.span = code, span
}

// Flags reads bits as Writer.Flags wrote them: flags holds what chooses the level of
// each, and FlagSet is added to those that are set.
func (r *Reader) Flags(flags []uint8, levels *[8]uint8) {
	var splits [8]uint32
	for i, level := range levels {
		splits[i] = chanceAll - chances[level&15]
	}
	code, span := r.code, r.span
	for i, flag := range flags {
		unit := span >> chanceBits
		split := splits[flag&7]
		if at := unit * split; code >= at {
			code -= at
			span = unit * (chanceAll - split)
			flags[i] = flag | FlagSet
		} else {
			span = at
		}
		for span < rangeLeast {
			code = code<<8 | r.nextByte()
			span <<= 8
		}
	}
	r.code, r.span = code, span
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
