package bits

import (
	"encoding/binary"
	"math/bits"
)

// A range-coded section, PROTOCOL.md 4.10: whole bytes in the middle of bit codes. The
// coder narrows an interval of 24 bits symbol by symbol and puts out its upper byte
// whenever that is settled, so that a symbol takes no whole number of bits.
const (
	rangeBits  = 24
	rangeFull  = 1 << rangeBits
	rangeLeast = 1 << 16 // below it a byte is settled
	rangeEnd   = 1 << 17 // from here on one byte names a number in the interval, below it two
)

// StartRange begins a section; only Symbols and Flags may follow until StopRange. It
// aligns first.
func (w *Writer) StartRange() {
	w.Align()
	w.low, w.span = 0, rangeFull
}

// Rests writes what the symbols of residuals leave open. marks has a bit for each residual
// that is not 0: of that its sign and its magnitude without the leading bit are written; of a
// magnitude of Symbols-1 bits or more first by how many it is longer.
func (w *Writer) Rests(residuals []int32, marks []uint64) {
	acc, fill, buf := w.acc, w.fill, w.buf
	for i, some := range marks {
		for ; some != 0; some &= some - 1 {
			res := residuals[i*64+bits.TrailingZeros64(some)]
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
	}
	w.acc, w.fill, w.buf = acc, fill, buf
}

// FlagSet marks a flag that is set.
const FlagSet = 1

// Symbols writes symbols, each at a level: of a code the lower four bits are the symbol, and
// the upper ones the number of the level.
func (w *Writer) Symbols(codes []uint8, levels *[8]uint8) { w.narrow(codes, levels, symbolShares[:]) }

// Flags writes bits likewise: of a code the lower four bits are 0 or FlagSet.
func (w *Writer) Flags(codes []uint8, levels *[8]uint8) { w.narrow(codes, levels, flagShares[:]) }

// narrow takes the interval to the share of each code. The bytes that are settled stay
// behind low's 24 bits for a while, where a carry finds them.
func (w *Writer) narrow(codes []uint8, levels *[8]uint8, shares []share) {
	low, span := w.low, w.span
	for _, code := range codes {
		s := shares[int(levels[code>>4&7])*Symbols+int(code%Symbols)]
		unit := span >> chanceBits
		low += uint64(unit * s.from())
		span = unit * s.size()
		if span < rangeLeast {
			for ; span < rangeLeast; span <<= 8 {
				low <<= 8
				w.held += 8
			}
			if w.held > 16 {
				w.low = low
				w.settle()
				low = w.low
			}
		}
	}
	w.low, w.span = low, span
}

// settle puts out the bytes that are held. A carry goes into those before; it ends within
// the section, which as a whole stays below 1.
func (w *Writer) settle() {
	settled := w.low >> rangeBits
	if settled>>w.held != 0 {
		for i := len(w.buf) - 1; ; i-- {
			w.buf[i]++
			if w.buf[i] != 0 {
				break
			}
		}
	}
	for w.held > 0 {
		w.held -= 8
		w.buf = append(w.buf, byte(settled>>w.held))
	}
	w.low &= rangeFull - 1
}

// StopRange ends the section with the bytes that any continuation decodes from.
func (w *Writer) StopRange() {
	if w.span >= rangeEnd {
		w.low = (w.low + 1<<16 - 1) << 8
		w.held += 8
	} else {
		w.low = (w.low + 1<<8 - 1) << 16
		w.held += 16
	}
	w.settle()
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

// Flags reads bits as Writer.Flags wrote them: flags holds the number of the level of each
// in its upper bits, and FlagSet is added to those that are set.
func (r *Reader) Flags(flags []uint8, levels *[8]uint8) {
	var splits [8]uint32
	for i, level := range levels {
		splits[i] = chanceAll - chances[level&15]
	}
	code, span := r.code, r.span
	for i, flag := range flags {
		unit := span >> chanceBits
		split := splits[flag>>4&7]
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
