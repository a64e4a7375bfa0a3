package sim

import (
	"encoding/binary"
	"math"
	"reflect"
	"unsafe"
)

// cellCode is the kind of a scalar in a checkpoint; the numbers are never reused.
type cellCode uint8

const (
	cellBool cellCode = 1 + iota
	cellInt8
	cellInt16
	cellInt32
	cellInt64
	cellUint8
	cellUint16
	cellUint32
	cellUint64
	cellFloat32
	cellFloat64
	cellString
)

// cellCodeOf maps Go kinds; int and uint are kept as 64 bits.
func cellCodeOf(k reflect.Kind) cellCode {
	switch k {
	case reflect.Bool:
		return cellBool
	case reflect.Int:
		return cellInt64
	case reflect.Uint:
		return cellUint64
	case reflect.Float32:
		return cellFloat32
	case reflect.Float64:
		return cellFloat64
	case reflect.String:
		return cellString
	}
	if k >= reflect.Uint8 {
		return cellUint8 + cellCode(k-reflect.Uint8)
	}
	return cellInt8 + cellCode(k-reflect.Int8)
}

// width is the number of bytes of a scalar; 0 for strings.
func (c cellCode) width() int {
	switch c {
	case cellBool, cellInt8, cellUint8:
		return 1
	case cellInt16, cellUint16:
		return 2
	case cellInt32, cellUint32, cellFloat32:
		return 4
	case cellString:
		return 0
	}
	return 8
}

func (c cellCode) isSigned() bool { return c >= cellInt8 && c <= cellInt64 }
func (c cellCode) isFloat() bool  { return c == cellFloat32 || c == cellFloat64 }

// append writes every element of a cell of the struct at base.
func (c *cell) append(dst []byte, base unsafe.Pointer) []byte {
	for e := range c.count() {
		at := unsafe.Add(base, c.offsetOf(e))
		if c.code == cellString {
			dst = appendText(dst, c.string(at))
			continue
		}
		dst = appendRaw(dst, c.raw(at), c.code.width())
	}
	return dst
}

func appendRaw(dst []byte, v uint64, width int) []byte {
	switch width {
	case 1:
		return append(dst, byte(v))
	case 2:
		return binary.LittleEndian.AppendUint16(dst, uint16(v))
	case 4:
		return binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(dst, v)
}

// raw returns the bits of a scalar; integers are extended to 64 bits. Floats keep every
// bit, which a conversion would not.
func (c *cell) raw(base unsafe.Pointer) uint64 {
	switch c.code {
	case cellFloat32:
		return uint64(*(*uint32)(unsafe.Add(base, c.offset)))
	case cellFloat64:
		return *(*uint64)(unsafe.Add(base, c.offset))
	}
	return uint64(c.int(base))
}

// setRaw writes what raw of a cell of kind from returned, converting between widths and
// between integers and floats; numbers that do not fit become the nearest that does.
func (c *cell) setRaw(base unsafe.Pointer, v uint64, from cellCode) {
	switch {
	case from == c.code && c.code == cellFloat32:
		*(*uint32)(unsafe.Add(base, c.offset)) = uint32(v)
	case from == c.code && c.code == cellFloat64:
		*(*uint64)(unsafe.Add(base, c.offset)) = v
	case from == c.code:
		c.setInt(base, int64(v))
	case c.code.isFloat():
		c.setFloat(base, floatOf(v, from))
	default:
		c.setInt(base, c.fit(v, from))
	}
}

func floatOf(v uint64, from cellCode) float64 {
	switch {
	case from == cellFloat32:
		return float64(math.Float32frombits(uint32(v)))
	case from == cellFloat64:
		return math.Float64frombits(v)
	case from.isSigned():
		return float64(int64(v))
	}
	return float64(v)
}

// fit converts a number to the integer type of the cell, saturating.
func (c *cell) fit(v uint64, from cellCode) int64 {
	if from.isFloat() {
		f := floatOf(v, from)
		switch {
		case f != f:
			return 0
		case f < 0:
			from, v = cellInt64, uint64(int64(max(f, -1<<63)))
		case f >= 1<<64:
			from, v = cellUint64, math.MaxUint64
		default:
			from, v = cellUint64, uint64(f)
		}
	}
	negative := from.isSigned() && int64(v) < 0
	bits := uint(8 * c.code.width())
	if !c.code.isSigned() {
		if negative {
			return 0
		}
		return int64(min(v, math.MaxUint64>>(64-bits)))
	}
	if negative {
		return max(int64(v), math.MinInt64>>(64-bits))
	}
	return int64(min(v, math.MaxInt64>>(64-bits)))
}

// fits reports whether values of kind from can go into the cell at all.
func (c *cell) fits(from cellCode) bool {
	number := func(c cellCode) bool { return c != cellBool && c != cellString }
	return from == c.code || number(from) && number(c.code)
}
