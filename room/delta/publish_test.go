package delta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

func column(tolerance int32, wrap int32) schema.Column {
	return schema.Column{Linear: true, Tolerance: tolerance, Wrap: wrap, Q: 2*tolerance + 1}
}

func TestRoundingIsToTheNearestAndNeverOverflows(t *testing.T) {
	c := column(8, 0)
	rule := ruleOf(&c)
	for _, tt := range []struct{ d, want int32 }{
		{0, 0}, {8, 0}, {9, 1}, {25, 1}, {26, 2}, {-8, 0}, {-9, -1}, {-25, -1}, {-26, -2},
		{math.MaxInt32, 126322567}, {math.MinInt32, -126322568},
	} {
		if got := rule.round(tt.d); got != tt.want {
			t.Errorf("round(%d) = %d, want %d", tt.d, got, tt.want)
		}
		if near := tt.want == 0; rule.near(tt.d) != near {
			t.Errorf("near(%d) = %t", tt.d, !near)
		}
	}
}

func TestOneValueFollowsTheDumbTwin(t *testing.T) {
	for _, col := range []schema.Column{column(7, 0), column(8, 0), column(100, 0), column(7, 32), column(8, 1<<14), column(9, 1<<20), column(0, 0)} {
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
			c.publish(&col, false)
			now := int32(math.MaxInt32 - 10000 + n)
			one := linear{rule, []int32{r}, []int32{v}, []int32{correctedAt(now-1, k)}}
			one.publish([]int32{int32(c.target)}, []uint64{0}, []uint8{0}, now)
			r, v, k = one.r[0], one.v[0], ageAt(now, one.at[0])
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
	if d := s.Delta(2, &p); len(d) > 10 || len(d) == 0 {
		t.Errorf("the span takes %d bytes", len(d))
	}
}
