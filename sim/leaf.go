package sim

import (
	"reflect"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// leaf is one element of one field: where it lies in its struct and how its value maps
// to the wire.
type leaf struct {
	field  int // index into the record's fields
	offset uintptr
	goKind reflect.Kind // of the element; Array for a quat
	kind   schema.FieldKind
	bits   uint
	exact  bool // only whole steps: predict fields, inputs and events
	edge   bool
	ranged bool    // an integer with min and max
	min    float64 // of Quantised, and of an integer with a range
	max    float64
	step   float64
	units  int64 // largest n of Quantised and Quat: whole steps from min to max
}

// newLeaf describes a field's element at an offset.
func newLeaf(field int, f *schema.Field, k reflect.Kind, offset uintptr) leaf {
	l := leaf{
		field: field, offset: offset, goKind: k, kind: f.Kind, bits: uint(f.Bits),
		exact: f.Has(schema.FlagPredict), edge: f.Has(schema.FlagEdge),
		min: f.Min, max: f.Max, step: f.Step,
	}
	switch f.Kind {
	case schema.KindQuantised:
		l.units = wholeSteps(f.Min, f.Max, f.Step)
	case schema.KindQuat:
		l.min, l.max = -quatLimit, quatLimit
		l.units = wholeSteps(l.min, l.max, f.Step)
	case schema.KindInt, schema.KindUint:
		l.ranged = f.Min < f.Max
	}
	return l
}

// int reads an integer or bool; unsigned ones of 64 bits come as their two's complement.
func (l *leaf) int(base unsafe.Pointer) int64 {
	p := unsafe.Add(base, l.offset)
	switch l.goKind {
	case reflect.Bool:
		if *(*bool)(p) {
			return 1
		}
		return 0
	case reflect.Int8:
		return int64(*(*int8)(p))
	case reflect.Int16:
		return int64(*(*int16)(p))
	case reflect.Int32:
		return int64(*(*int32)(p))
	case reflect.Int64:
		return *(*int64)(p)
	case reflect.Int:
		return int64(*(*int)(p))
	case reflect.Uint:
		return int64(*(*uint)(p))
	case reflect.Uint8:
		return int64(*(*uint8)(p))
	case reflect.Uint16:
		return int64(*(*uint16)(p))
	case reflect.Uint32:
		return int64(*(*uint32)(p))
	}
	return int64(*(*uint64)(p))
}

// setInt is the inverse of int; v fits the field.
func (l *leaf) setInt(base unsafe.Pointer, v int64) {
	p := unsafe.Add(base, l.offset)
	switch l.goKind {
	case reflect.Bool:
		*(*bool)(p) = v != 0
	case reflect.Int8, reflect.Uint8:
		*(*uint8)(p) = uint8(v)
	case reflect.Int16, reflect.Uint16:
		*(*uint16)(p) = uint16(v)
	case reflect.Int32, reflect.Uint32:
		*(*uint32)(p) = uint32(v)
	case reflect.Int, reflect.Uint:
		*(*uint)(p) = uint(v)
	default:
		*(*uint64)(p) = uint64(v)
	}
}

// float reads a float32 or float64.
func (l *leaf) float(base unsafe.Pointer) float64 {
	p := unsafe.Add(base, l.offset)
	if l.goKind == reflect.Float32 {
		return float64(*(*float32)(p))
	}
	return *(*float64)(p)
}

// setFloat writes v, rounded once if the field is a float32.
func (l *leaf) setFloat(base unsafe.Pointer, v float64) {
	p := unsafe.Add(base, l.offset)
	if l.goKind == reflect.Float32 {
		*(*float32)(p) = float32(v)
		return
	}
	*(*float64)(p) = v
}

// floatBits returns the IEEE bits of a Float field, NaN and infinities replaced.
func (l *leaf) floatBits(base unsafe.Pointer) (bits uint64, clamped bool) {
	v, clamped := finite(l.float(base), l.goKind == reflect.Float32)
	return l.bitsOf(v), clamped
}

func (l *leaf) string(base unsafe.Pointer) string {
	return *(*string)(unsafe.Add(base, l.offset))
}

func (l *leaf) setString(base unsafe.Pointer, s string) {
	*(*string)(unsafe.Add(base, l.offset)) = s
}

func (l *leaf) quat(base unsafe.Pointer) *[4]float32 {
	return (*[4]float32)(unsafe.Add(base, l.offset))
}
