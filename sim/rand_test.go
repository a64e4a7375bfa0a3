package sim

import "testing"

func TestRandomNumbersAreTheSameOnEveryMachine(t *testing.T) {
	// The first numbers of the reference implementation's demo, pcg32_srandom(42, 54).
	r := Rand{stream: 54<<1 | 1}
	r.Uint32()
	r.state += 42
	r.Uint32()
	for _, want := range []uint32{0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e} {
		if got := r.Uint32(); got != want {
			t.Fatalf("got %#x, want %#x", got, want)
		}
	}
}

func TestRandomNumbersStayInTheirRange(t *testing.T) {
	r := NewRand(9)
	var counts [7]int
	for range 70000 {
		counts[r.IntN(7)]++
		if f := r.Float32(); f < 0 || f >= 1 {
			t.Fatalf("Float32 gives %g", f)
		}
		if f := r.Range(-3, 5); f < -3 || f > 5 {
			t.Fatalf("Range gives %g", f)
		}
	}
	for n, c := range counts {
		if c < 9500 || c > 10500 {
			t.Errorf("%d comes %d times of 70000", n, c)
		}
	}
	if r.IntN(0) != 0 || r.IntN(-5) != 0 || r.IntN(1) != 0 {
		t.Error("IntN below 2 is not 0")
	}
}

func TestSeedsGiveDifferentNumbers(t *testing.T) {
	seen := make(map[uint32]bool)
	for seed := range uint64(1000) {
		r := NewRand(seed)
		seen[r.Uint32()] = true
	}
	if len(seen) < 999 {
		t.Errorf("1000 seeds give %d first numbers", len(seen))
	}
}
