package delta

import (
	"math/bits"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// bench is where the send tick's values of one part are worked on.
type bench struct {
	spare  *rows   // of the history, not in use; may be nil
	words  []int32 // a block of stride for each column: the targets S, after Commit the residuals r
	stride int
	fresh  int // rows entered this send tick; they are the last ones

	// After Commit.
	awake  []int32 // surviving rows that have a residual
	active []bool  // columns that have one

	// What encodings of the residuals are made of, of surviving rows after Commit.
	marks []uint64 // a bit for each row that has a residual: of any column, of any linear one, of each column
	span  int      // words of marks for each of these
	news  []uint8  // see newsOf; a block of newsStride for each column
	kinds []uint8  // see bitcode.Writer.Flags
	codes []uint8  // see Stream.codes; empty until somebody asks

	newsStride int
	widest     []uint8 // by awake row, its largest symbol so far, up to 2
}

// Before the marks of the columns lie those of all of them, and of the linear ones, which
// have ages.
const (
	anyMarks = iota
	agedMarks
	columnMarks
)

// makeRoom prepares b for a part with room for stride rows, of which kept survive.
func (b *bench) makeRoom(stride, kept, columns int) {
	if b.newsStride < stride {
		b.newsStride, b.span = stride, (stride+63)/64
		b.awake = make([]int32, 0, stride)
		b.kinds = make([]uint8, 0, stride)
		b.active = make([]bool, columns)
		b.news = make([]uint8, stride*columns)
		b.marks = make([]uint64, b.span*(columns+columnMarks))
	}
	b.codes = b.codes[:0]
	clear(b.marks)
	for c := range columns {
		clear(b.newsOf(c)[:kept])
	}
}

// block returns a column's targets, after Commit its residuals.
func (b *bench) block(column int) []int32 { return b.words[column*b.stride:][:b.stride] }

// newsOf returns what is new of a column, by surviving row.
func (b *bench) newsOf(column int) []uint8 { return b.news[column*b.newsStride:][:b.newsStride] }

// marksOf returns the marks of the rows that have a residual in a column.
func (b *bench) marksOf(column int) []uint64 {
	return b.marks[(columnMarks+column)*b.span:][:b.span]
}

// sum adds a column's marks to those of all and reports whether there are any.
func (b *bench) sum(marks []uint64, linear bool) bool {
	all, any := b.marks[anyMarks*b.span:], uint64(0)
	for i, m := range marks {
		all[i] |= m
		any |= m
	}
	if linear {
		aged := b.marks[agedMarks*b.span:]
		for i, m := range marks {
			aged[i] |= m
		}
	}
	return any != 0
}

// rest lists the rows that are awake and sorts all by how long they had been idle. aged says
// that there are linear columns; a row without any has been idle for ever.
func (b *bench) rest(corrected []int32, kept int, now int32, aged bool) {
	b.kinds = b.kinds[:kept]
	for row, at := range corrected[:kept] {
		b.kinds[row] = kindOf(now-at) << 4
	}
	n, awake := 0, b.awake[:kept]
	for i, marks := range b.marks[:b.span] {
		for ; marks != 0; marks &= marks - 1 {
			row := i*64 + bits.TrailingZeros64(marks)
			awake[n] = int32(row)
			b.kinds[row] |= bitcode.FlagSet
			n++
		}
	}
	b.awake = awake[:n]
	for i, marks := range b.marks[agedMarks*b.span:][:b.span] {
		for ; marks != 0; marks &= marks - 1 {
			corrected[i*64+bits.TrailingZeros64(marks)] = now
		}
	}
	for row := kept; row < len(corrected); row++ {
		corrected[row] = now
		if !aged {
			corrected[row] = correctedAt(now, maxAge)
		}
	}
}
