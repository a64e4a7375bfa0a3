package delta

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

func TestTheBestParameterIsTheOneThatTriedOutTakesFewestBits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 500 {
		values := make([]uint32, 1+rnd.IntN(40))
		scale := rnd.IntN(33)
		var c cost
		for i := range values {
			values[i] = uint32(uint64(rnd.Uint32())>>scale) >> rnd.IntN(4)
			c.count(values[i])
		}
		lens := make([]int, maxRice+1)
		for p := range lens {
			for _, v := range values {
				lens[p] += bitcode.RiceLen(v, uint(p))
			}
			if got := c.bits(p); got != uint64(lens[p]) {
				t.Fatalf("round %d: %d bits with %d, want %d", round, got, p, lens[p])
			}
		}
		if got := lens[c.best()]; got != slices.Min(lens) {
			t.Fatalf("round %d: %d bits with %d, the least is %d", round, got, c.best(), slices.Min(lens))
		}
	}
}

func TestColumnsSurviveTheExtremes(t *testing.T) {
	for _, values := range [][]int32{
		{0, 0, 0}, {math.MinInt32, math.MaxInt32, 0, -1, 1}, {math.MinInt32}, {1 << 30, -1 << 30, 5},
	} {
		var e encoder
		e.w.Reset(nil)
		e.writeColumn(values)
		d := NewDecoder(nil)
		d.r = bitcode.NewReader(e.w.Bytes())
		d.values = zeroed(nil, len(values))
		if err := d.readColumn(ascending(nil, 0, len(values))); err != nil || !slices.Equal(d.values, values) {
			t.Errorf("%v, %v, want %v", d.values, err, values)
		}
	}
}
