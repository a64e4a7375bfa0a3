package delta

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// allCodings are those that an encoder may choose from, and a few others.
func allCodings() []coding {
	var all []coding
	for p := range uint8(maxRice + 1) {
		all = append(all, coding{p: p})
	}
	for rice := range uint16(sparseLimit + 1) {
		all = append(all, coding{sparse, rice})
	}
	for bin := 1; bin < binsEven; bin++ {
		all = append(all, coding{even, uint16(leastOf(bin))})
	}
	return append(all, coding{even, 0}, coding{even, bitcode.MaxEven})
}

// randomColumn is of values of one size, of values as likely as one another, or mostly of
// zeros.
func randomColumn(rnd *rand.Rand) []int32 {
	values := make([]int32, 1+rnd.IntN(60))
	scale, few, most := rnd.IntN(33), rnd.IntN(3) == 0, int32(rnd.IntN(300))
	for i := range values {
		switch {
		case few && rnd.IntN(8) > 0:
		case scale < 8:
			values[i] = rnd.Int32N(2*most+1) - most
		default:
			values[i] = int32(uint64(rnd.Uint32())>>scale) >> rnd.IntN(4)
		}
	}
	return values
}

func TestTheChosenCodingIsHardlyWorseThanTheBest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	chosen, least := 0, 0
	for range 500 {
		values := randomColumn(rnd)
		if !anyNonZero(values) {
			continue
		}
		size := func(c coding) int {
			var e encoder
			c.write(&e.w)
			e.writeValues(values, c)
			return e.w.Len()
		}
		var e encoder
		e.writeColumn(values)
		chosen += e.w.Len() - 1
		best := math.MaxInt
		for _, c := range allCodings() {
			best = min(best, size(c))
		}
		least += best
	}
	if t.Logf("%d bits, the least are %d", chosen, least); chosen > least+least/25 {
		t.Errorf("%d bits, the least are %d", chosen, least)
	}
}

func TestValuesAreReadAsTheyWereWrittenInAnyCoding(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 2))
	for range 100 {
		values := randomColumn(rnd)
		values[rnd.IntN(len(values))] = max(1, int32(rnd.Uint32())>>rnd.IntN(32))
		for _, c := range allCodings() {
			var e encoder
			e.writeValues(values, c)
			size := e.w.Len()
			d := NewDecoder(nil)
			d.r = bitcode.NewReader(e.w.Bytes())
			if err := d.readValues(len(values), c); err != nil || !slices.Equal(d.values, values) || d.r.Pos() != size {
				t.Fatalf("%v: %v, %v, want %v", c, d.values, err, values)
			}
		}
	}
}

func TestBinsLieSideBySide(t *testing.T) {
	for bin := range binsAll {
		least, behind := leastOf(bin), leastOf(bin+1)
		if least >= behind || binOf(uint32(least)) != bin || binOf(uint32(behind-1)) != bin {
			t.Errorf("bin %d is from %d to %d, which are in %d and %d", bin, least, behind, binOf(uint32(least)), binOf(uint32(behind-1)))
		}
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
