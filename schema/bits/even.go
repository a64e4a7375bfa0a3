package bits

import (
	"encoding/binary"
	"math/bits"
)

// Codes for numbers of which none is much likelier than another, and for few values
// among many zeros.

// MaxEven is the largest top of an even code.
const MaxEven = 1<<12 - 1

// even is how the numbers 0 to top are told in as few bits as equal chances allow: the
// first short of them in width bits, the others in one more.
type even struct {
	top, short uint32
	width      uint
}

func evenOf(top uint32) even {
	n := top + 1
	width := uint(bits.Len32(n)) - 1
	return even{top: top, short: 2<<width - n, width: width}
}

// EvenShort returns how many numbers up to top take one bit less than the others, which
// take as many as top+1 has.
func EvenShort(top uint32) uint32 { return evenOf(top).short }

// Evens writes zigzag numbers in even code up to top, which stands for all that are not
// below it and is followed by Num of how far they are above.
func (w *Writer) Evens(values []int32, top uint32) {
	e := evenOf(top)
	acc, fill, buf := w.acc, w.fill, w.buf
	for _, value := range values {
		v := Zigzag(value)
		n := min(v, top)
		code, size := n, e.width
		if n >= e.short {
			n += e.short
			code, size = n>>1|n&1<<e.width, e.width+1
		}
		acc |= uint64(code) << fill
		if fill += size; fill >= 32 {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(acc))
			acc >>= 32
			fill -= 32
		}
		if v >= top {
			w.acc, w.fill, w.buf = acc, fill, buf
			w.Num(v - top)
			acc, fill, buf = w.acc, w.fill, w.buf
		}
	}
	w.acc, w.fill, w.buf = acc, fill, buf
}

// Evens fills dst with what Writer.Evens wrote with the same top.
func (r *Reader) Evens(dst []int32, top uint32) {
	e := evenOf(top)
	mask := uint32(1)<<e.width - 1
	for i := range dst {
		ahead := uint32(r.peek())
		v, size := ahead&mask, e.width
		if v >= e.short {
			v = v<<1 + ahead>>size&1 - e.short
			size++
		}
		r.Bits(size)
		if v == top {
			v += r.Num()
		}
		dst[i] = Unzigzag(v)
	}
}

// Count writes a number that is not 0: by one-bits and a zero how many bits it has after
// the leading one, then those.
func (w *Writer) Count(v uint32) {
	below := uint(bits.Len32(v)) - 1
	w.Bits(1<<below-1, below)
	w.Bits(0, 1)
	w.Bits(v, below)
}

// Count reads what Writer.Count wrote.
func (r *Reader) Count() uint32 {
	below := uint(bits.TrailingZeros32(^uint32(r.peek())))
	r.Bits(below)
	r.Bits(1)
	if below > 31 {
		r.fail(ErrCode)
		return 0
	}
	return 1<<below | r.Bits(below)
}

// Gap returns the Rice parameter for the zeros between count values of n.
func Gap(n, count int) uint {
	return uint(max(bits.Len32(uint32((n-count)/(count+1)))-1, 0))
}
