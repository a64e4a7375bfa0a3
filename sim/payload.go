package sim

import (
	"unicode/utf8"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
)

// Payloads of inputs and events; PROTOCOL.md section 8:
//
//	field 0 | field 1 | ... | zero bits to a whole byte
//
// Bool 1 bit; integers and floats their width; Quantised and Angle n in Field.Bits;
// String 16 bits of length and the bytes; Quat 2 bits and three times Field.Bits.

const (
	textLengthBits = 16
	quatIndexBits  = 2
)

// payloadBits is the size of a leaf, of a string without its bytes.
func (l *leaf) payloadBits() int {
	switch l.kind {
	case schema.KindString:
		return textLengthBits
	case schema.KindQuat:
		return quatIndexBits + 3*int(l.bits)
	}
	return int(l.bits)
}

// payloadSize is the length in bytes of a payload whose strings are empty.
func (r *record) payloadSize() int {
	n := 0
	for i := range r.leaves {
		n += r.leaves[i].payloadBits()
	}
	return (n + 7) / 8
}

// longestPayload is the length in bytes when every string is as long as it may be.
func (r *record) longestPayload() int {
	n := r.payloadSize()
	for i := range r.leaves {
		if r.leaves[i].kind == schema.KindString {
			n += int(r.leaves[i].max)
		}
	}
	return n
}

// appendPayload encodes the struct at base. Values out of range are clamped.
func (r *record) appendPayload(dst []byte, base unsafe.Pointer) []byte {
	var w bits.Writer
	w.Reset(dst)
	for i := range r.leaves {
		r.leaves[i].write(&w, base)
	}
	return w.Bytes()
}

func (l *leaf) write(w *bits.Writer, base unsafe.Pointer) {
	switch l.kind {
	case schema.KindBool, schema.KindInt, schema.KindUint:
		v, _ := l.intInRange(l.int(base))
		writeWide(w, uint64(v), l.bits)
	case schema.KindFloat:
		v, _ := l.floatBits(base)
		writeWide(w, v, l.bits)
	case schema.KindQuantised:
		n, _ := l.steps(l.float(base))
		w.Bits(uint32(n), l.bits)
	case schema.KindAngle:
		n, _ := turns(l.float(base), l.bits)
		w.Bits(uint32(n), l.bits)
	case schema.KindString:
		s, _ := cutText(l.string(base), int(l.max))
		w.Bits(uint32(len(s)), textLengthBits)
		for i := range len(s) {
			w.Bits(uint32(s[i]), 8)
		}
	case schema.KindQuat:
		c, _ := l.quatCode(l.quat(base))
		w.Bits(uint32(c.index), quatIndexBits)
		for _, r := range c.r {
			w.Bits(uint32(nearestStep(r)), l.bits)
		}
	}
}

// writeWide writes up to 64 bits.
func writeWide(w *bits.Writer, v uint64, n uint) {
	if n > 32 {
		w.Bits(uint32(v), 32)
		v, n = v>>32, n-32
	}
	w.Bits(uint32(v), n)
}

// cutText shortens text to max bytes at the end of a rune and makes it valid UTF-8.
func cutText(s string, limit int) (string, bool) {
	cut := len(s) > limit
	if cut {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	if utf8.ValidString(s) {
		return s, cut
	}
	return validText(s), true
}

// validText drops the bytes that are not UTF-8, so that the text does not grow.
func validText(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r != utf8.RuneError {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}
