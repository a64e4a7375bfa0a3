package delta

import (
	"math/rand/v2"

	"github.com/roomtick/roomtick/schema"
)

// twin is the dumb twin of the published rule: one entity's share of a part, computed
// one value at a time in wide integers, word by word as PROTOCOL.md 3.4 says it.
type twin struct {
	cells []cell
}

type cell struct {
	target  int64 // S
	speed   int64
	text    string
	fresh   bool
	r, v, k int64
}

func newTwin(w *world, part int) *twin {
	tw := &twin{cells: make([]cell, len(w.parts[part].Columns))}
	for i := range tw.cells {
		col, c := &w.parts[part].Columns[i], &tw.cells[i]
		c.fresh = true
		if col.Linear {
			c.target = w.rnd.Int64N(top(col))
			c.speed = w.rnd.Int64N(65) - 32
		} else {
			c.target = int64(int32(w.rnd.Uint32()))
		}
	}
	return tw
}

// lossless reports whether a linear column is exact.
func lossless(col *schema.Column) bool { return col.Linear && col.Tolerance == 0 }

// moveLossless counts on, jumps, or rests.
func (c *cell) moveLossless(rnd *rand.Rand) {
	switch rnd.IntN(12) {
	case 0:
		c.target = int64(int32(rnd.Uint32()) >> rnd.IntN(32))
	case 1:
		c.speed = 0
	case 2:
		c.speed = rnd.Int64N(41) - 20
	case 3, 4:
		c.target += rnd.Int64N(7) - 3
	}
	c.target = int64(int32(c.target + c.speed))
}

// top returns the number of targets that a linear column can have.
func top(col *schema.Column) int64 {
	if col.Wrap > 0 {
		return int64(col.Wrap)
	}
	return 1 << 28
}

// move gives a value its next target: coasting, drifting, jumping, at an edge.
func (tw *twin) move(rnd *rand.Rand, col *schema.Column, i int) {
	c := &tw.cells[i]
	if !col.Linear {
		if !col.String && !col.Once && rnd.IntN(10) == 0 {
			c.target = int64(int32(rnd.Uint32()) >> rnd.IntN(32))
		}
		return
	}
	if lossless(col) {
		c.moveLossless(rnd)
		return
	}
	switch rnd.IntN(40) {
	case 0:
		c.target = rnd.Int64N(top(col))
	case 1:
		c.target, c.speed = 0, 0
	case 2:
		c.target, c.speed = top(col)-1, 0
	case 3, 4, 5, 6:
		c.speed += rnd.Int64N(201) - 100
	}
	c.target += c.speed
	if col.Wrap > 0 {
		c.target = mod(c.target, int64(col.Wrap))
	} else {
		c.target = min(max(c.target, 0), top(col)-1)
	}
}

func mod(a, n int64) int64 { return (a%n + n) % n }

func (tw *twin) publish(columns []schema.Column, holds func(column int) bool) {
	for i := range tw.cells {
		c := &tw.cells[i]
		switch {
		case !columns[i].Linear:
			c.r = c.target
		case c.fresh:
			c.r, c.v, c.k = c.target, 0, 1
		default:
			c.publish(&columns[i], holds(i))
		}
		c.fresh = false
	}
}

func (c *cell) publish(col *schema.Column, hold bool) {
	wrap := func(v int64) int64 {
		if col.Wrap > 0 {
			return mod(v, int64(col.Wrap))
		}
		return int64(int32(v))
	}
	p := wrap(c.r + c.v)
	d := c.distance(col, p)
	if abs(d) <= int64(col.Tolerance) {
		c.r, c.k = p, min(c.k+1, 255)
		return
	}
	q := 2*int64(col.Tolerance) + 1
	r := (abs(d) + q/2) / q
	if d < 0 {
		r = -r
	}
	switch change := int64(int32(c.v + r)); {
	case hold:
		c.v = 0
	case q > 1:
		c.v = int64(int32(c.v + int64(int32(r*q))/c.k))
	case c.v == 0 && c.k > 1, abs(change) < abs(r):
		c.v = 0
	default:
		c.v = change
	}
	c.r, c.k = wrap(p+r*q), 1
}

// distance is S - P, the short way round if the column wraps.
func (c *cell) distance(col *schema.Column, p int64) int64 {
	d := int64(int32(c.target - p))
	if n := int64(col.Wrap); n > 0 {
		d = mod(d+n/2, n) - n/2
	}
	return d
}

func (c *cell) off(col *schema.Column) int64 { return abs(c.distance(col, c.r)) }

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
