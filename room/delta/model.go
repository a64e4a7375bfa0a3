package delta

import (
	"math/bits"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// What a range-coded residual is expected to be follows from what both ends know
// already: whether the value was corrected a send tick ago, and the largest residual
// so far in its row; PROTOCOL.md 4.10. Nothing adapts while coding, so that all
// viewers can share one encoding.
const (
	contexts  = 6 // of a residual in a column
	busyFrom  = 3 // contexts of values that were corrected a send tick ago
	idleKinds = 5 // of a row: how long ago it was corrected
)

// context returns a residual's context. k is the value's age before this send tick,
// 0 in a hold column; widest is the largest symbol so far in its row.
func context(k, widest uint8) uint8 {
	c := min(widest, 2)
	if k == 1 {
		c += busyFrom
	}
	return c
}

// idleKind sorts rows by the send ticks since any of their values was corrected.
func idleKind(idle int32) uint8 {
	switch {
	case idle > 8:
		return 4
	case idle > 4:
		return 3
	}
	return uint8(idle-1) - uint8(idle)/4
}

// sizeOf is the number of bits of a residual's magnitude, 0 to 32.
func sizeOf(res int32) int {
	sign := res >> 31
	return bits.Len32(uint32(res^sign) - uint32(sign))
}

// symbolOf is the symbol of a size.
func symbolOf(size int) uint8 { return uint8(min(size, bitcode.Symbols-1)) }

// settings are the coding parameters of one part: what a prologue tells.
type settings struct {
	awake   [8]uint8 // levels of the flags, by idleKind
	columns []columnSettings
}

type columnSettings struct {
	active bool // some step of the tick has residuals in this column
	coding coding
	hold   bool
	levels [contexts]uint8
}

// Where parameters start: what a prologue for clients without an earlier one is
// written against.
const (
	firstAwake = 8
	firstLevel = 0x84
)

var firstCoding = coding{p: 1}

func (s *settings) reset() {
	for i := range idleKinds {
		s.awake[i] = firstAwake
	}
	for i := range s.columns {
		c := &s.columns[i]
		c.active, c.coding, c.hold = false, firstCoding, false
		for ctx := range c.levels {
			c.levels[ctx] = firstLevel
		}
	}
}

func (s *settings) copyFrom(src *settings) {
	s.awake = src.awake
	copy(s.columns, src.columns)
}

// active reports whether any column is.
func (s *settings) active() bool {
	for i := range s.columns {
		if s.columns[i].active {
			return true
		}
	}
	return false
}
