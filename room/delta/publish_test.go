package delta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

func column(tolerance int32, wrap int32) schema.Column {
	c := schema.Column{Linear: true, Tolerance: tolerance, Wrap: wrap, Q: 8}
	if tolerance >= 8 {
		c.Q = 16
	}
	return c
}

func TestRoundingIsHalfAwayFromZeroAndNeverOverflows(t *testing.T) {
	c := column(8, 0)
	rule := ruleOf(&c)
	for _, tt := range []struct{ d, want int32 }{
		{0, 0}, {7, 0}, {8, 1}, {23, 1}, {24, 2}, {-7, 0}, {-8, -1}, {-23, -1}, {-24, -2},
		{math.MaxInt32, 1 << 27}, {math.MinInt32, -1 << 27},
	} {
		if got := rule.round(tt.d); got != tt.want {
			t.Errorf("round(%d) = %d, want %d", tt.d, got, tt.want)
		}
	}
}

func TestOneValueFollowsTheDumbTwin(t *testing.T) {
	for _, col := range []schema.Column{column(7, 0), column(8, 0), column(100, 0), column(7, 32), column(8, 1<<14), column(9, 1<<20)} {
		rnd := rand.New(rand.NewPCG(11, uint64(col.Wrap)))
		rule := ruleOf(&col)
		tw := twin{cells: make([]cell, 1)}
		c := &tw.cells[0]
		r, v, k := int32(0), int32(0), int32(1)
		c.k = 1
		for n := range 20000 {
			tw.move(rnd, &col, 0)
			if n%4000 > 3000 { // long enough for k to stop counting
				c.speed = 0
				c.target = c.r + c.v
				c.target = min(max(c.target, 0), top(&col)-1)
			}
			c.publish(&col)
			res := rule.residual(int32(c.target), rule.wrap(r+v))
			r, v, k = rule.advance(r, v, k, res)
			if int64(r) != c.r || int64(v) != c.v || int64(k) != c.k {
				t.Fatalf("wrap %d, step %d: %d %d %d, the twin says %d %d %d", col.Wrap, n, r, v, k, c.r, c.v, c.k)
			}
			if c.off(&col) > int64(col.Tolerance) {
				t.Fatalf("wrap %d, step %d: off by %d", col.Wrap, n, c.off(&col))
			}
		}
	}
}

func TestCoastingIsManyStepsWithoutAResidual(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		col := column(8, []int32{0, 256, 1 << 14}[rnd.IntN(3)])
		rule := ruleOf(&col)
		r, v, k := rule.wrap(int32(rnd.Uint32())), int32(rnd.Uint32())>>rnd.IntN(32), 1+rnd.Int32N(255)
		span := 1 + rnd.Int32N(255)
		gotR, gotK := rule.coast(r, v, k, span)
		for range span {
			r, _, k = rule.advance(r, v, k, 0)
		}
		if gotR != r || gotK != k {
			t.Fatalf("coast %d is %d %d, steps come to %d %d", span, gotR, gotK, r, k)
		}
	}
}

func TestAResidualOfAWrappingSpanGoesTheShortWayRound(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{column(8, 1<<14)}}}
	s := NewStream(parts, 1, 0, 8)
	var p Prologue
	publish := func(target int32) {
		s.Begin()
		if s.Rows(0) == 0 {
			s.Enter(0, 1)
		}
		s.Targets(0, 0)[0] = target
		s.Commit()
	}
	publish(10)
	publish(10)
	publish(1<<14 - 30) // 40 units back over the edge, not 16,000 forward
	if d := s.Delta(2, &p); len(d) > 10 {
		t.Errorf("the span takes %d bytes", len(d))
	}
}
