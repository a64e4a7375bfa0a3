package queue

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The quick sort against the one of the library, with keys of all signs and sizes and many
// of them twice.
func TestKeysAreSortedAsTheirNumbersAndEqualOnesStay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 2, 100, radixFrom, 5000} {
		for _, draw := range []func() float64{
			func() float64 { return r.NormFloat64() * math.Pow(10, float64(r.IntN(40)-20)) },
			func() float64 { return float64(r.IntN(50) - 25) },
			func() float64 { return 1500 + float64(r.IntN(3)) },
			func() float64 { return []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1)}[r.IntN(4)] },
		} {
			values := make([]float64, n)
			keys := make([]keyed, n)
			want := make([]int32, n)
			for i := range values {
				values[i] = draw()
				keys[i] = keyed{keyOf(values[i]), int32(i)}
				want[i] = int32(i)
			}
			slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
			got := make([]int32, n)
			for i, k := range sortKeyed(keys) {
				got[i] = k.i
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d values beginning with %v are not in order", n, values[:min(n, 5)])
			}
		}
	}
}
