package sim

import (
	"reflect"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// Sample writes the targets S of one column for many slots: dst[j] for slots[j].
// Columns are numbered as in the table's public or owner part. Values out of range are
// clamped and counted. String columns have no targets; see Text. It allocates nothing.
func (s *Store) Sample(owner bool, column int, slots []uint32, dst []int32) {
	c := s.plan.columnsOf(owner)[column]
	var clamped uint64
	switch c.kind {
	case schema.KindBool, schema.KindInt, schema.KindUint:
		clamped = s.sampleInts(c, slots, dst)
	case schema.KindFloat:
		clamped = s.sampleFloats(c, slots, dst)
	case schema.KindQuantised:
		clamped = s.sampleSteps(c, slots, dst)
	case schema.KindAngle:
		clamped = s.sampleAngles(c, slots, dst)
	case schema.KindQuat:
		clamped = s.sampleQuats(c, slots, dst)
	}
	s.clamps[c.field] += clamped
}

// Text returns the value of a string column, cut to the field's length and made valid
// UTF-8, which is counted; "" for other columns.
func (s *Store) Text(owner bool, column int, slot uint32) string {
	c := s.plan.columnsOf(owner)[column]
	if c.kind != schema.KindString {
		return ""
	}
	text, cut := cutText(c.string(s.at(slot)), int(c.max))
	if cut {
		s.clamps[c.field]++
	}
	return text
}

// half returns the low or high word of a column of 64 bits.
func (c *column) half(v uint64) int32 {
	if c.component == 1 {
		return int32(v >> 32)
	}
	return int32(v)
}

// once counts a clamped value, for the first of its columns only.
func (c *column) once(clamped bool) uint64 {
	if clamped && c.component == 0 {
		return 1
	}
	return 0
}

func (s *Store) sampleInts(c column, slots []uint32, dst []int32) (n uint64) {
	for j, slot := range slots {
		v, clamped := c.intInRange(c.int(s.at(slot)))
		dst[j] = c.half(uint64(v))
		n += c.once(clamped)
	}
	return n
}

func (s *Store) sampleFloats(c column, slots []uint32, dst []int32) (n uint64) {
	for j, slot := range slots {
		v, clamped := c.floatBits(s.at(slot))
		dst[j] = c.half(v)
		n += c.once(clamped)
	}
	return n
}

func (s *Store) sampleSteps(c column, slots []uint32, dst []int32) (n uint64) {
	for j, slot := range slots {
		v, clamped := c.target(c.float(s.at(slot)))
		dst[j] = v
		n += c.once(clamped)
	}
	return n
}

func (s *Store) sampleAngles(c column, slots []uint32, dst []int32) (n uint64) {
	for j, slot := range slots {
		v, clamped := c.angleTarget(c.float(s.at(slot)))
		dst[j] = v
		n += c.once(clamped)
	}
	return n
}

func (s *Store) sampleQuats(c column, slots []uint32, dst []int32) (n uint64) {
	for j, slot := range slots {
		code, clamped := c.quatCode(c.quat(s.at(slot)))
		if c.component == 0 {
			dst[j] = code.index
		} else {
			dst[j] = code.r[c.component-1]
		}
		n += c.once(clamped)
	}
	return n
}

// snap sets the predict fields of every entity to exactly what a client decodes.
func (s *Store) snap() {
	if len(s.plan.snapped) == 0 {
		return
	}
	for slot := range uint32(len(s.entries)) {
		if s.entries[slot].Live {
			s.snapEntity(s.at(slot))
		}
	}
}

func (s *Store) snapEntity(base unsafe.Pointer) {
	for _, l := range s.plan.snapped {
		if l.snap(base) {
			s.clamps[l.field]++
		}
	}
}

// snap replaces the value of a predict field by what a client decodes for it.
func (l *leaf) snap(base unsafe.Pointer) (clamped bool) {
	switch l.kind {
	case schema.KindInt, schema.KindUint:
		var v int64
		if v, clamped = l.intInRange(l.int(base)); clamped {
			l.setInt(base, v)
		}
	case schema.KindFloat:
		var v float64
		if v, clamped = finite(l.float(base), l.goKind == reflect.Float32); clamped {
			l.setFloat(base, v)
		}
	case schema.KindQuantised:
		var n int64
		n, clamped = l.steps(l.float(base))
		l.setFloat(base, l.stepValue(n))
	case schema.KindAngle:
		var n int32
		n, clamped = turns(l.float(base), l.bits)
		l.setFloat(base, turnValue(n, l.bits))
	case schema.KindQuat:
		var c quatCode
		c, clamped = l.quatCode(l.quat(base))
		*l.quat(base) = l.quatValue(c)
	}
	return clamped
}
