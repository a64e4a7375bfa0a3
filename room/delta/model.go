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

// What is new of a value is one byte: the symbol of its residual, and whether it was
// corrected a send tick ago. The latter counts only if there is a residual.
const newsRecent = bitcode.Symbols

// newsOf returns the news of a value whose residual is not 0, and whose age was k before
// this send tick.
func newsOf(res, k int32) uint8 {
	recent := uint32(k-2) >> 31 // k is 1
	return symbolOf(sizeOf(res)) | uint8(recent*newsRecent)
}

// codeOf returns, by the news of a value and the largest symbol before it in its row, up to
// 2, the value's context and symbol, and above them the largest symbol now. Without a table
// there would be branches that nobody can foretell.
func codeOf(news, widest uint8) uint16 { return codeTable[widest&3][news&31] }

var codeTable = makeCodes()

func makeCodes() *[4][2 * newsRecent]uint16 {
	var all [4][2 * newsRecent]uint16
	for widest := range uint8(busyFrom) {
		for news := range uint8(2 * newsRecent) {
			symbol := news % newsRecent
			context := widest + news/newsRecent*busyFrom
			all[widest][news] = uint16(max(widest, min(symbol, 2)))<<8 | uint16(context<<4|symbol)
		}
	}
	return &all
}

// recentBit is newsRecent if a value was corrected in a send tick.
func recentBit(corrected, tick int32) uint8 {
	return uint8((uint64(uint32(corrected^tick))-1)>>63) * newsRecent
}

// kindOf sorts rows by the send ticks since any of their values was corrected, from 1 on.
func kindOf(idle int32) uint8 { return idleKindOf[min(uint32(idle), uint32(len(idleKindOf)-1))] }

var idleKindOf = [...]uint8{0, 0, 1, 2, 2, 3, 3, 3, 3, 4}

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
