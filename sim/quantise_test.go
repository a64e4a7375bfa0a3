package sim

import (
	"math"
	"reflect"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

func quantisedLeaf(min, max, step float64, exact bool) leaf {
	f := schema.Field{Kind: schema.KindQuantised, Min: min, Max: max, Step: step}
	if exact {
		f.Flags = schema.FlagPredict
	}
	return newLeaf(0, &f, reflect.Float32, 0)
}

func TestTargetsAreExactAtTheEdgesOfTheRange(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		v       float64
		s       int32
		clamped bool
	}{
		{-10, 0, false}, {10, 640, false}, {0, 320, false},
		{-10.001, 0, true}, {10.001, 640, true},
		{inf, 640, true}, {-inf, 0, true}, {nan, 0, true},
		{0.5, 336, false}, {0.015625, 321, false}, // half a unit rounds away from zero
		{0.0156, 320, false}, {-0.0156, 320, false},
	} {
		l := quantisedLeaf(-10, 10, 0.5, false)
		if s, clamped := l.target(c.v); s != c.s || clamped != c.clamped {
			t.Errorf("target(%g) = %d, clamped %v; want %d, %v", c.v, s, clamped, c.s, c.clamped)
		}
	}
}

func TestRoundingIsTheSameOnBothSidesOfZero(t *testing.T) {
	for n := range 2000 {
		v := float64(n) / 700 * 2 * math.Pi / 1024
		up, _ := turns(v, 10)
		down, _ := turns(-v, 10)
		if (up+down)&1023 != 0 {
			t.Fatalf("angle %g is %d turns, its negative %d", v, up, down)
		}
	}
}

func TestFloat32BoundsAreInRange(t *testing.T) {
	l := quantisedLeaf(0, 0.3, 0.1, false)
	if float64(float32(0.3)) <= 0.3 {
		t.Fatal("the example needs a bound that float32 rounds up")
	}
	if s, clamped := l.target(float64(float32(0.3))); s != 48 || clamped {
		t.Errorf("target of the float32 nearest to max = %d, clamped %v; want 48, false", s, clamped)
	}
}

func TestPredictFieldsDecodeToExactlyTheSnappedValue(t *testing.T) {
	r := seeded(t, 1)
	leaves := []leaf{
		quantisedLeaf(0, 8000, 0.05, true), quantisedLeaf(-400, 400, 0.01, true),
		quantisedLeaf(-1, 1, 0.001, true), quantisedLeaf(0.1, 0.7, 0.1, true),
	}
	for range 20000 {
		l := leaves[r.IntN(len(leaves))]
		v := float32(l.min + r.Float64()*(l.max-l.min)*1.1 - 0.05)
		n, _ := l.steps(float64(v))
		snapped := float32(l.stepValue(n))
		again, clamped := l.steps(float64(snapped))
		if again != n || clamped {
			t.Fatalf("snapping %g again moves it from step %d to %d", snapped, n, again)
		}
		s, _ := l.target(float64(snapped))
		for e := int32(-predictTolerance); e <= predictTolerance; e++ {
			if got := float32(l.value(s + e)); got != snapped {
				t.Fatalf("R = S%+d decodes to %g, the simulation has %g", e, got, snapped)
			}
		}
	}
}

func TestAnglesWrap(t *testing.T) {
	for _, c := range []struct {
		v       float64
		n       int32
		clamped bool
	}{
		{0, 0, false}, {math.Pi, 512, false}, {-math.Pi, 512, false}, {-math.Pi / 2, 768, false},
		{2 * math.Pi, 0, false}, {2*math.Pi - 0.001, 0, false}, {-0.001, 0, false}, {5 * math.Pi, 512, false},
		{math.NaN(), 0, true}, {math.Inf(1), 0, true}, {math.Inf(-1), 0, true},
	} {
		if n, clamped := turns(c.v, 10); n != c.n || clamped != c.clamped {
			t.Errorf("turns(%g) = %d, clamped %v; want %d, %v", c.v, n, clamped, c.n, c.clamped)
		}
	}
}

func TestPredictedAnglesDecodeToExactlyTheSnappedValue(t *testing.T) {
	f := schema.Field{Kind: schema.KindAngle, Bits: 10, Flags: schema.FlagPredict}
	l := newLeaf(0, &f, reflect.Float32, 0)
	const wrap = 1 << 14
	for n := range int32(1024) {
		snapped := float32(turnValue(n, 10))
		s, _ := l.angleTarget(float64(snapped))
		if s != n*subUnits {
			t.Fatalf("the value of turn %d has target %d", n, s)
		}
		for e := int32(-predictTolerance); e <= predictTolerance; e++ {
			if got := float32(l.angleValue((s + e) & (wrap - 1))); got != snapped {
				t.Fatalf("R = S%+d decodes to %g, the simulation has %g", e, got, snapped)
			}
		}
	}
}

func TestRawFloatsAreMadeFinite(t *testing.T) {
	for _, c := range []struct {
		v, want float64
		single  bool
	}{
		{math.NaN(), 0, true}, {math.Inf(1), math.MaxFloat32, true}, {math.Inf(-1), -math.MaxFloat32, true},
		{math.NaN(), 0, false}, {math.Inf(1), math.MaxFloat64, false},
	} {
		if got, clamped := finite(c.v, c.single); got != c.want || !clamped {
			t.Errorf("finite(%g) = %g, clamped %v; want %g, true", c.v, got, clamped, c.want)
		}
	}
	if v, clamped := finite(math.Copysign(0, -1), true); clamped || !math.Signbit(v) {
		t.Error("negative zero must pass unchanged")
	}
}

func TestIntegersAreClampedToTheirRange(t *testing.T) {
	f := schema.Field{Kind: schema.KindUint, Bits: 64, Min: 2, Max: 9}
	l := newLeaf(0, &f, reflect.Uint64, 0)
	for v, want := range map[int64]int64{0: 2, 2: 2, 9: 9, 10: 9, -1: 9} { // -1 is 2^64-1
		if got, _ := l.intInRange(v); got != want {
			t.Errorf("intInRange(%d) = %d, want %d", uint64(v), got, want)
		}
	}
}

func quatLeaf(exact bool) leaf {
	f := schema.Field{Kind: schema.KindQuat, Step: 0.002, Bits: 10}
	if exact {
		f.Flags = schema.FlagPredict
	}
	return newLeaf(0, &f, reflect.Array, 0)
}

func TestQuatsComeBackWithinAStep(t *testing.T) {
	r := seeded(t, 2)
	for _, exact := range []bool{false, true} {
		l := quatLeaf(exact)
		for range 5000 {
			q := randomQuat(r.NormFloat64)
			c, clamped := l.quatCode(&q)
			got := l.quatValue(c)
			dot := 0.0
			for i := range q {
				dot += float64(q[i]) * float64(got[i])
			}
			if clamped || math.Abs(dot) < 1-1e-5 {
				t.Fatalf("%v comes back as %v (|dot| %g)", q, got, math.Abs(dot))
			}
		}
	}
}

func TestSnappedQuatsStayAsTheyAre(t *testing.T) {
	r := seeded(t, 3)
	l := quatLeaf(true)
	for n := range 50000 {
		q := randomQuat(r.NormFloat64)
		if n%2 == 0 { // the hard ones: two components almost as large
			q[1] = q[0] + float32(r.NormFloat64())*0.002
		}
		c, _ := l.quatCode(&q)
		snapped := l.quatValue(c)
		c, _ = l.quatCode(&snapped)
		if again := l.quatValue(c); again != snapped {
			t.Fatalf("%v snaps to %v and then to %v", q, snapped, again)
		}
	}
}

func TestQuatsThatAreNoneBecomeTheIdentity(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, q := range [][4]float32{{}, {nan, 0, 0, 1}, {inf, 0, 0, 0}} {
		for _, exact := range []bool{false, true} {
			l := quatLeaf(exact)
			c, clamped := l.quatCode(&q)
			if got := l.quatValue(c); !clamped || got[3] < 0.999 {
				t.Errorf("%v becomes %v, clamped %v; want the identity, true", q, got, clamped)
			}
		}
	}
}

func randomQuat(normal func() float64) (q [4]float32) {
	for i := range q {
		q[i] = float32(normal())
	}
	unit, _ := normalise(&q)
	for i := range q {
		q[i] = float32(unit[i])
	}
	return q
}
