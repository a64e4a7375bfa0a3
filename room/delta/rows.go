package delta

import "github.com/roomtick/roomtick/schema"

// strideUnit is what the room for rows is a multiple of.
const strideUnit = 4

// rows is the published state of one part: its entities in row order and, block
// after block, the words of each column: R, and for a linear column V and the send tick
// of the last correction, of which k follows; behind them the send tick in which a linear
// column of the row was last corrected. So what grows older needs no store.
type rows struct {
	ids    []uint32
	words  []int32 // block b, row r is words[b*stride+r]
	stride int     // rows that fit
	blocks int
}

// ageAt returns k in send tick now of what was last corrected in another: 1 in that one.
func ageAt(now, corrected int32) int32 { return int32(min(uint32(now-corrected)+1, maxAge)) }

// correctedAt returns when the last correction was, as far as ageAt needs to know.
func correctedAt(now, k int32) int32 { return now - k + 1 }

// refreshEvery is how many send ticks a clock may count until ages that have stopped
// counting would start anew, half of it to be safe.
const refreshEvery = 1 << 31

// refresh brings every age forward to where ages stop counting.
func (t *rows) refresh(columns []schema.Column, now int32) {
	block := 0
	for i := range columns {
		if columns[i].Linear {
			refresh(t.block(block+2), now)
		}
		block += width(&columns[i])
	}
	refresh(t.block(block), now)
}

func refresh(corrected []int32, now int32) {
	for row, at := range corrected {
		corrected[row] = correctedAt(now, ageAt(now, at))
	}
}

// width is how many blocks a column takes.
func width(c *schema.Column) int {
	if c.Linear {
		return 3
	}
	return 1
}

// blockOf returns the first block of a column; beyond the last column, all blocks.
func blockOf(columns []schema.Column, column int) int {
	n := 0
	for i := range columns[:column] {
		n += width(&columns[i])
	}
	return n
}

// block returns one block, a word for each row.
func (t *rows) block(b int) []int32 {
	n := len(t.ids)
	return t.words[b*t.stride:][:n:n]
}

// add appends a row of zeros.
func (t *rows) add(id uint32) {
	n := len(t.ids)
	if n == t.stride {
		t.grow(n + 1 + n/2)
	}
	t.ids = append(t.ids, id)
	for b := range t.blocks {
		t.words[b*t.stride+n] = 0
	}
}

// remove moves the last row into the gap.
func (t *rows) remove(row int) {
	last := len(t.ids) - 1
	t.ids[row] = t.ids[last]
	for b := range t.blocks {
		t.words[b*t.stride+row] = t.words[b*t.stride+last]
	}
	t.ids = t.ids[:last]
}

// grow makes room for n rows or a few more and keeps those there are.
func (t *rows) grow(n int) {
	old := *t
	stride := (n + strideUnit - 1) / strideUnit * strideUnit
	t.stride = stride
	t.words = make([]int32, t.blocks*stride)
	t.ids = make([]uint32, len(old.ids), stride)
	copy(t.ids, old.ids)
	for b := range t.blocks {
		copy(t.words[b*stride:], old.block(b))
	}
}

// copyFrom makes t equal to src, in its own memory.
func (t *rows) copyFrom(src *rows) {
	if n := len(src.ids); t.stride < n {
		t.ids = t.ids[:0]
		t.grow(n)
	}
	t.ids = append(t.ids[:0], src.ids...)
	for b := range t.blocks {
		copy(t.block(b), src.block(b))
	}
}
