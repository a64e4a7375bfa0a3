package delta

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

func TestTheChosenParameterIsHardlyWorseThanTheBest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	chosen, least := 0, 0
	for range 500 {
		values := make([]int32, 1+rnd.IntN(40))
		scale := rnd.IntN(33)
		var sizes [33]uint32
		for i := range values {
			values[i] = int32(uint64(rnd.Uint32())>>scale) >> rnd.IntN(4)
			sizes[sizeOf(values[i])]++
		}
		lens := make([]int, sparse+1)
		for p := range lens {
			var e encoder
			e.writeValues(values, uint(p))
			lens[p] = e.w.Len()
		}
		p, _ := bestRice(&sizes, 0, 0)
		chosen += lens[p]
		least += slices.Min(lens)
	}
	if t.Logf("%d bits, the least are %d", chosen, least); chosen > least+least/50 {
		t.Errorf("%d bits, the least are %d", chosen, least)
	}
}

func TestColumnsSurviveTheExtremes(t *testing.T) {
	for _, values := range [][]int32{
		{0, 0, 0}, {0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0}, {math.MinInt32, math.MaxInt32, 0, -1, 1}, {math.MinInt32}, {1 << 30, -1 << 30, 5},
	} {
		var e encoder
		e.w.Reset(nil)
		e.writeColumn(values)
		d := NewDecoder(nil)
		d.r = bitcode.NewReader(e.w.Bytes())
		if _, err := d.readColumn(len(values)); err != nil || !slices.Equal(d.values, values) {
			t.Errorf("%v, %v, want %v", d.values, err, values)
		}
	}
}
