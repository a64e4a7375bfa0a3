package arena

import (
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

var env = sim.Env{DT: 0.05, Tick: 1}

func randomShip(rng *rand.Rand) Ship {
	between := func(lo, hi float32) float32 { return lo + float32(rng.Float32()*(hi-lo)) }
	return Ship{
		X: between(0, Size), Y: between(0, Size), Angle: between(0, fullTurn),
		VX: between(-maxSpeed, maxSpeed), VY: between(-maxSpeed, maxSpeed),
	}
}

func TestMoveDependsOnPredictedFieldsOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		a, in := randomShip(rng), randomInput(rng)
		b := a
		b.Name, b.Hue, b.Reload = "Ada", 77, 3
		Move(&a, in, env)
		Move(&b, in, sim.Env{DT: env.DT, Tick: 99})
		if b.Name != "Ada" || b.Hue != 77 || b.Reload != 3 {
			t.Fatalf("Move wrote a field that is not predicted: %+v", b)
		}
		b.Name, b.Hue, b.Reload = a.Name, a.Hue, a.Reload
		if a != b {
			t.Fatalf("seed 1: %+v and %+v", a, b)
		}
	}
}

func TestShipsStayInTheWorldAndUnderTheLimit(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 4))
		s := randomShip(rng)
		in := Input{Thrust: true}
		for range 3000 {
			if rng.IntN(60) == 0 {
				in = randomInput(rng)
			}
			Move(&s, in, env)
			if s.X < 0 || s.X > Size || s.Y < 0 || s.Y > Size {
				t.Fatalf("seed %d: out of the world: %+v", seed, s)
			}
			if s.VX*s.VX+s.VY*s.VY > (maxSpeed+1)*(maxSpeed+1) {
				t.Fatalf("seed %d: too fast: %+v", seed, s)
			}
			if s.Angle < 0 || s.Angle >= fullTurn {
				t.Fatalf("seed %d: angle out of range: %+v", seed, s)
			}
		}
	}
}

func TestAShipGlidesOnWithoutThrust(t *testing.T) {
	s := Ship{X: Size / 2, Y: Size / 2, VX: 100}
	Move(&s, Input{}, env)
	if s.X <= Size/2+4 || s.VX >= 100 || s.VX <= 0 {
		t.Errorf("after a tick: x %v, vx %v", s.X, s.VX)
	}
}

func TestAWallTurnsAShipBack(t *testing.T) {
	s := Ship{X: Size - 1, Y: Size / 2, VX: 300}
	Move(&s, Input{}, env)
	if s.VX >= 0 || s.X > Size {
		t.Errorf("after the wall: x %v, vx %v", s.X, s.VX)
	}
}
