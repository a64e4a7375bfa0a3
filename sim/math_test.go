package sim

import (
	"encoding/json"
	"math"
	"testing"
)

// near reports whether a float32 result is within two roundings of what it should be.
func near(got float32, want float64) bool {
	if math.Abs(want) > math.MaxFloat32 {
		return math.IsInf(float64(got), int(math.Copysign(1, want)))
	}
	ulp := math.Abs(float64(math.Nextafter32(float32(want), math.MaxFloat32)) - float64(float32(want)))
	return math.Abs(float64(got)-want) <= 1.5*ulp+1e-45
}

func TestMathIsAsExactAsFloat32(t *testing.T) {
	r := seeded(t, 31)
	for range 200000 {
		x := float32((r.Float64()*2 - 1) * math.Pow(10, float64(r.IntN(9)-4)))
		y := float32((r.Float64()*2 - 1) * math.Pow(10, float64(r.IntN(9)-4)))
		v := float64(x)
		switch {
		case !near(Sin(x), math.Sin(v)):
			t.Fatalf("Sin(%g) = %g, want %g", x, Sin(x), math.Sin(v))
		case !near(Cos(x), math.Cos(v)):
			t.Fatalf("Cos(%g) = %g, want %g", x, Cos(x), math.Cos(v))
		case !near(Atan2(y, x), math.Atan2(float64(y), v)):
			t.Fatalf("Atan2(%g, %g) = %g, want %g", y, x, Atan2(y, x), math.Atan2(float64(y), v))
		case math.Abs(v) < 100 && !near(Exp(x), math.Exp(v)):
			t.Fatalf("Exp(%g) = %g, want %g", x, Exp(x), math.Exp(v))
		}
	}
}

func TestMathAnswersForEveryNumber(t *testing.T) {
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	for _, x := range []float32{0, 1, -1, inf, -inf, nan, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32} {
		for _, y := range []float32{0, inf, -inf, nan, -1} {
			if v := Atan2(y, x); v != v || v < -math.Pi-1e-6 || v > math.Pi+1e-6 {
				t.Errorf("Atan2(%g, %g) = %g", y, x, v)
			}
		}
		for name, v := range map[string]float32{"Sin": Sin(x), "Cos": Cos(x)} {
			if !(v >= -1 && v <= 1) {
				t.Errorf("%s(%g) = %g", name, x, v)
			}
		}
		if v := Exp(x); !(v >= 0) {
			t.Errorf("Exp(%g) = %g", x, v)
		}
		if v := Sqrt(x); !(v >= 0) {
			t.Errorf("Sqrt(%g) = %g", x, v)
		}
		if v := WrapAngle(x); !(v >= 0 && v < float32(2*math.Pi)) {
			t.Errorf("WrapAngle(%g) = %g", x, v)
		}
	}
	for x, want := range map[float32]float32{-1: 2*math.Pi - 1, 7: 7 - 2*math.Pi, 3: 3, -1e-9: 0} {
		if got := WrapAngle(x); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("WrapAngle(%g) = %g, want %g", x, got, want)
		}
	}
}

type mathGolden struct {
	X, Y, Sin, Cos, Atan2, Exp uint32 // bits of float32
}

func TestMathGivesTheGoldenBits(t *testing.T) {
	var lines []byte
	r := NewRand(4)
	for n := range 256 {
		x, y := r.Range(-20, 20), r.Range(-20, 20)
		if n%8 == 0 {
			x *= 1e5
		}
		g := mathGolden{
			math.Float32bits(x), math.Float32bits(y), math.Float32bits(Sin(x)), math.Float32bits(Cos(x)),
			math.Float32bits(Atan2(y, x)), math.Float32bits(Exp(y)),
		}
		line, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	compareGolden(t, "math.jsonl", lines)
}
