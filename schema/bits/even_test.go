package bits

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestEvenCodesAreReadAsWrittenAndTakeNoMoreThanTheyMay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for top := range uint32(MaxEven + 1) {
		values := []int32{0, Unzigzag(top), Unzigzag(max(top, 1) - 1), Unzigzag(top + 1), math.MinInt32}
		for range 20 {
			values = append(values, Unzigzag(rnd.Uint32N(top+1)))
		}
		var w Writer
		w.Bits(1, uint(top%7))
		for _, v := range values {
			before := w.Len()
			w.Evens([]int32{v}, top)
			limit := int(math.Ceil(math.Log2(float64(top + 1))))
			if size := w.Len() - before; Zigzag(v) < top && size > limit {
				t.Fatalf("%d of %d takes %d bits", Zigzag(v), top, size)
			}
		}
		size := w.Len()
		r := NewReader(w.Bytes())
		r.Bits(uint(top % 7))
		got := make([]int32, len(values))
		r.Evens(got, top)
		if !slices.Equal(got, values) || r.Pos() != size || r.Err() != nil {
			t.Fatalf("top %d: %v, want %v; %v", top, got, values, r.Err())
		}
	}
}

func TestEvenShortIsHowManyTakeOneBitLess(t *testing.T) {
	for top := uint32(1); top <= MaxEven; top++ {
		for _, v := range []uint32{0, EvenShort(top) - 1, EvenShort(top), top - 1} {
			var w Writer
			w.Evens([]int32{Unzigzag(v)}, top)
			full := int(math.Log2(float64(top+1))) + 1
			if short := w.Len() < full; v < top && short != (v < EvenShort(top)) {
				t.Fatalf("%d of %d takes %d bits, others %d", v, top, w.Len(), full)
			}
		}
	}
}

func TestCountsAreReadAsWritten(t *testing.T) {
	for _, v := range []uint32{1, 2, 3, 4, 7, 8, 1000, math.MaxInt32, 1 << 31, math.MaxUint32} {
		var w Writer
		w.Count(v)
		size := w.Len()
		r := NewReader(w.Bytes())
		if got := r.Count(); got != v || r.Pos() != size {
			t.Errorf("%d was read as %d", v, got)
		}
	}
	r := NewReader([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255})
	if r.Count(); !errors.Is(r.Err(), ErrCode) {
		t.Errorf("33 ones: %v", r.Err())
	}
}

func TestGapsAreShortForValuesSpreadEvenly(t *testing.T) {
	for _, tt := range []struct {
		n, count int
		want     uint
	}{{50, 1, 4}, {50, 50, 0}, {50, 25, 0}, {1000, 9, 6}, {1, 1, 0}, {65535, 1, 14}} {
		if got := Gap(tt.n, tt.count); got != tt.want {
			t.Errorf("%d of %d: %d, want %d", tt.count, tt.n, got, tt.want)
		}
	}
}

func FuzzEvens(f *testing.F) {
	f.Add([]byte{0xff, 0x3a, 0, 9}, uint16(40))
	f.Fuzz(func(t *testing.T, b []byte, top uint16) {
		top &= MaxEven
		r := NewReader(b)
		dst := make([]int32, 9)
		r.Evens(dst, uint32(top))
		if r.Err() != nil {
			return
		}
		size := r.Pos()
		var w Writer
		w.Evens(dst, uint32(top))
		again := NewReader(w.Bytes())
		got := make([]int32, len(dst))
		if again.Evens(got, uint32(top)); !slices.Equal(got, dst) {
			t.Fatalf("%d bits: %v became %v", size, dst, got)
		}
	})
}
