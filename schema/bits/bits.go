// Package bits reads and writes the bit codes of PROTOCOL.md section 4: bits are
// numbered from the least significant bit of the first byte.
package bits

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// ErrShort is returned by Reader.Err when a code ran past the end of its input.
var ErrShort = errors.New("bits: input ends in the middle of a code")

// ErrCode is returned by Reader.Err for a code that no Writer produces.
var ErrCode = errors.New("bits: invalid code")

const (
	riceLimit = 16 // quotients from here on are escaped to 32 raw bits
	numChunk  = 4  // payload bits in one chunk of num
	numChunks = 8  // chunks that hold any uint32
)

// Writer appends bit codes to a byte slice. The zero value is ready to use.
type Writer struct {
	buf  []byte
	acc  uint64 // bits not yet in buf, least significant first
	fill uint   // how many of acc are used, below 32 between calls

	// Of a range-coded section; span is 0 outside.
	low  uint64 // the interval's lower end: 24 bits, above them what is held, above that a carry
	held uint   // bits that are settled but for a carry
	span uint32
}

// Reset makes w append to buf, starting at a byte boundary.
func (w *Writer) Reset(buf []byte) { *w = Writer{buf: buf} }

// Bits writes the low n bits of v, n from 0 to 32.
func (w *Writer) Bits(v uint32, n uint) {
	w.acc |= (uint64(v) & (1<<n - 1)) << w.fill
	w.fill += n
	if w.fill >= 32 {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(w.acc))
		w.acc >>= 32
		w.fill -= 32
	}
}

// Bool writes one bit.
func (w *Writer) Bool(b bool) {
	if b {
		w.Bits(1, 1)
		return
	}
	w.Bits(0, 1)
}

// Num writes v in chunks of four bits: short for small counts.
func (w *Writer) Num(v uint32) {
	for v>>numChunk != 0 {
		w.Bits(v&(1<<numChunk-1)|1<<numChunk, numChunk+1)
		v >>= numChunk
	}
	w.Bits(v, numChunk+1)
}

// Rice writes v with parameter p, 0 to 30.
func (w *Writer) Rice(v uint32, p uint) {
	q := v >> p
	if q >= riceLimit {
		w.Bits(1<<riceLimit-1, riceLimit)
		w.Bits(v, 32)
		return
	}
	w.Bits(1<<q-1, uint(q)+1)
	w.Bits(v, p)
}

// Residuals writes values, zigzag, in Rice code with parameter p. It is Rice for each,
// with what the writer holds kept in registers.
func (w *Writer) Residuals(values []int32, p uint) {
	acc, fill, buf := w.acc, w.fill, w.buf
	for _, value := range values {
		v := Zigzag(value)
		q := v >> p
		n := uint(q) + 1 + p
		if q >= riceLimit || n > 32 {
			w.acc, w.fill, w.buf = acc, fill, buf
			w.Rice(v, p)
			acc, fill, buf = w.acc, w.fill, w.buf
			continue
		}
		acc |= (uint64(1)<<q - 1 | uint64(v&(1<<p-1))<<(q+1)) << fill
		if fill += n; fill >= 32 {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(acc))
			acc >>= 32
			fill -= 32
		}
	}
	w.acc, w.fill, w.buf = acc, fill, buf
}

// Align fills the current byte with zero bits.
func (w *Writer) Align() {
	for ; w.fill > 0; w.fill -= min(w.fill, 8) {
		w.buf = append(w.buf, byte(w.acc))
		w.acc >>= 8
	}
}

// Leb writes v byte-aligned as LEB128. It aligns first.
func (w *Writer) Leb(v uint32) {
	w.Align()
	w.buf = AppendLeb(w.buf, v)
}

// Bytes returns what was written, the last byte filled with zero bits.
func (w *Writer) Bytes() []byte {
	w.Align()
	return w.buf
}

// Len returns the number of bits written since the start of the slice given to Reset.
func (w *Writer) Len() int { return len(w.buf)*8 + int(w.fill+w.held) + spanBits(w.span) }

// RiceLen returns how many bits Rice(v, p) writes.
func RiceLen(v uint32, p uint) int {
	q := v >> p
	if q >= riceLimit {
		return riceLimit + 32
	}
	return int(q) + 1 + int(p)
}

// Reader reads what Writer wrote. Reading past the end yields zeros and sets Err;
// callers check Err once after a run of codes, and cap every count before they use it.
type Reader struct {
	buf []byte
	pos int // next bit
	err error

	// Of a range-coded section; span is 0 outside.
	at         int // next byte
	code, span uint32
}

// NewReader reads from buf.
func NewReader(buf []byte) Reader { return Reader{buf: buf} }

// Err returns ErrShort or ErrCode once a read has failed.
func (r *Reader) Err() error { return r.err }

// Pos returns the number of bits read.
func (r *Reader) Pos() int {
	if r.span != 0 {
		return (r.at-3)*8 + spanBits(r.span)
	}
	return r.pos
}

// Remaining returns the number of bits left.
func (r *Reader) Remaining() int { return len(r.buf)*8 - r.pos }

func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.buf) * 8
}

// Bits reads n bits, n from 0 to 32.
func (r *Reader) Bits(n uint) uint32 {
	if r.Remaining() < int(n) {
		r.fail(ErrShort)
		return 0
	}
	v := uint32(r.peek() & (1<<n - 1))
	r.pos += int(n)
	return v
}

// peek returns at least the next 32 bits, zeros past the end.
func (r *Reader) peek() uint64 {
	at := r.pos >> 3
	if at+8 <= len(r.buf) {
		return binary.LittleEndian.Uint64(r.buf[at:]) >> (r.pos & 7)
	}
	var v uint64
	for i := 0; i < 5 && at+i < len(r.buf); i++ {
		v |= uint64(r.buf[at+i]) << (8 * i)
	}
	return v >> (r.pos & 7)
}

// Bool reads one bit.
func (r *Reader) Bool() bool { return r.Bits(1) != 0 }

// Num reads what Writer.Num wrote.
func (r *Reader) Num() uint32 {
	var v uint32
	for i := range uint(numChunks) {
		c := r.Bits(numChunk + 1)
		v |= (c & (1<<numChunk - 1)) << (numChunk * i)
		if c>>numChunk == 0 {
			return v
		}
	}
	r.fail(ErrCode)
	return 0
}

// Rice reads what Writer.Rice wrote with the same p.
func (r *Reader) Rice(p uint) uint32 {
	q := uint(bits.TrailingZeros32(^uint32(r.peek())))
	if q >= riceLimit {
		r.Bits(riceLimit)
		return r.Bits(32)
	}
	r.Bits(q + 1)
	return uint32(q)<<p | r.Bits(p)
}

// Residuals fills dst with zigzag numbers in Rice code with parameter p.
func (r *Reader) Residuals(dst []int32, p uint) {
	for i := range dst {
		dst[i] = Unzigzag(r.Rice(p))
	}
}

// Align skips to the next byte; the bits skipped must be zero.
func (r *Reader) Align() {
	if n := uint(-r.pos & 7); n > 0 && r.Bits(n) != 0 {
		r.fail(ErrCode)
	}
}

// Leb reads a LEB128 number, aligning first.
func (r *Reader) Leb() uint32 {
	r.Align()
	v, n := Leb(r.buf[r.pos>>3:])
	if n == 0 {
		r.fail(ErrShort)
		return 0
	}
	r.pos += 8 * n
	return v
}
