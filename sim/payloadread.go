package sim

import (
	"errors"
	"fmt"
	"unicode/utf8"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
)

// What checkPayload refuses.
var (
	errEventType = errors.New("sim: not an event that clients may send")
	errLength    = errors.New("sim: payload has the wrong length")
	errPadding   = errors.New("sim: padding is not zero")
	errRange     = errors.New("sim: value out of range")
	errNotFinite = errors.New("sim: not a finite number")
	errText      = errors.New("sim: text is too long or not UTF-8")
)

// checkPayload says what is wrong with a payload; PROTOCOL.md 8.2.
func (r *record) checkPayload(payload []byte) error {
	in := bits.NewReader(payload)
	for i := range r.leaves {
		if err := r.leaves[i].check(&in); err != nil {
			return fmt.Errorf("%s: %w", r.fields[r.leaves[i].field].Name, err)
		}
	}
	left := in.Remaining()
	switch {
	case in.Err() != nil || left >= 8:
		return errLength
	case in.Bits(uint(left)) != 0:
		return errPadding
	}
	return nil
}

func (l *leaf) check(in *bits.Reader) error {
	if in.Remaining() < l.payloadBits() {
		return errLength
	}
	switch l.kind {
	case schema.KindInt, schema.KindUint:
		if _, clamped := l.intInRange(l.signed(readWide(in, l.bits))); clamped {
			return errRange
		}
	case schema.KindFloat:
		if v := l.fromBits(readWide(in, l.bits)); v-v != 0 {
			return errNotFinite
		}
	case schema.KindQuantised:
		if int64(in.Bits(l.bits)) > l.units {
			return errRange
		}
	case schema.KindString:
		return l.checkText(in)
	case schema.KindQuat:
		return l.checkQuat(in)
	default:
		in.Bits(l.bits)
	}
	return nil
}

// checkQuat refuses components that no unit quaternion has: used as a rotation they
// would scale. Rounding moves each by half a step at most.
func (l *leaf) checkQuat(in *bits.Reader) error {
	in.Bits(quatIndexBits)
	squares := 0.0
	for range 3 {
		n := in.Bits(l.bits)
		if int64(n) > l.units {
			return errRange
		}
		v := l.value(int32(n) << 4)
		squares += float64(v * v)
	}
	if squares > 1+3*l.step {
		return errRange
	}
	return nil
}

// signed extends the sign of an Int.
func (l *leaf) signed(v uint64) int64 {
	if l.kind != schema.KindInt {
		return int64(v)
	}
	return int64(v<<(64-l.bits)) >> (64 - l.bits)
}

func (l *leaf) checkText(in *bits.Reader) error {
	n := int(in.Bits(textLengthBits))
	if n > int(l.max) {
		return errText
	}
	if in.Remaining() < 8*n {
		return errLength
	}
	if !utf8.ValidString(readText(in, n)) {
		return errText
	}
	return nil
}

// readText copies n bytes that start at any bit.
func readText(in *bits.Reader, n int) string {
	buf := make([]byte, n)
	for i := range buf {
		buf[i] = byte(in.Bits(8))
	}
	return string(buf)
}

// readPayload decodes a payload that checkPayload accepts into the struct at base.
func (r *record) readPayload(payload []byte, base unsafe.Pointer) {
	in := bits.NewReader(payload)
	for i := range r.leaves {
		r.leaves[i].read(&in, base)
	}
}

func (l *leaf) read(in *bits.Reader, base unsafe.Pointer) {
	switch l.kind {
	case schema.KindBool, schema.KindInt, schema.KindUint:
		l.setInt(base, l.signed(readWide(in, l.bits)))
	case schema.KindFloat:
		l.setFloat(base, l.fromBits(readWide(in, l.bits)))
	case schema.KindQuantised:
		l.setFloat(base, l.stepValue(int64(in.Bits(l.bits))))
	case schema.KindAngle:
		l.setFloat(base, turnValue(int32(in.Bits(l.bits)), l.bits))
	case schema.KindString:
		l.setString(base, readText(in, int(in.Bits(textLengthBits))))
	case schema.KindQuat:
		c := quatCode{index: int32(in.Bits(quatIndexBits))}
		for i := range c.r {
			c.r[i] = int32(in.Bits(l.bits)) * subUnits
		}
		*l.quat(base) = l.quatValue(c)
	}
}

func readWide(r *bits.Reader, n uint) uint64 {
	if n > 32 {
		low := r.Bits(32)
		return uint64(low) | uint64(r.Bits(n-32))<<32
	}
	return uint64(r.Bits(n))
}

// clearEdges sets the edge fields of the struct at base to zero.
func (r *record) clearEdges(base unsafe.Pointer) {
	for _, i := range r.edges {
		r.leaves[i].setInt(base, 0)
	}
}

// mergeEdges adds the edge fields of a payload to the struct at base: those that are
// zero there take the payload's value.
func (r *record) mergeEdges(payload []byte, base unsafe.Pointer) {
	in := bits.NewReader(payload)
	for i := range r.leaves {
		l := &r.leaves[i]
		if !l.edge {
			skipBits(&in, l.payloadBits())
			continue
		}
		if v := l.signed(readWide(&in, l.bits)); l.int(base) == 0 {
			l.setInt(base, v)
		}
	}
}

func skipBits(in *bits.Reader, n int) {
	for ; n > 32; n -= 32 {
		in.Bits(32)
	}
	in.Bits(uint(n))
}
