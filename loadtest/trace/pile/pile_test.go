package pile

import (
	"math"
	"reflect"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace"
)

func TestEqualScenesGiveEqualTraces(t *testing.T) {
	s := Scene{Cubes: 100, Frames: 40, Seed: 1}
	one := s.Trace()
	if err := one.Check(); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, s.Trace()) {
		t.Error("the same scene came out differently")
	}
	s.Seed = 2
	if reflect.DeepEqual(one.Frames, s.Trace().Frames) {
		t.Error("another seed came out the same")
	}
}

// What the codec is judged on: most bodies sleep, without a bit of change, and those
// awake are near each other and turn as they move.
func TestMostCubesSleepAndTheOthersTumble(t *testing.T) {
	tr := Scene{Cubes: 400, Frames: 120, Seed: 3}.Trace()
	n := len(tr.Fields)
	moved, turned := 0, 0
	for i := 1; i < len(tr.Frames); i++ {
		for e := range tr.Entities {
			now, was := tr.Frames[i][e*n:][:n], tr.Frames[i-1][e*n:][:n]
			if !reflect.DeepEqual(now[:3], was[:3]) {
				moved++
			}
			if !reflect.DeepEqual(now[3:], was[3:]) {
				turned++
			}
		}
	}
	frames := float64(len(tr.Frames) - 1)
	if m := float64(moved) / frames; m < 20 || m > 150 {
		t.Errorf("%v of %d cubes move in a frame", m, tr.Entities)
	}
	if m := float64(turned) / frames; m < 15 || m > 150 {
		t.Errorf("%v of %d cubes turn in a frame", m, tr.Entities)
	}
}

func TestCubesNeitherSinkNorFlyNorOverlapMuch(t *testing.T) {
	w := newWorld(Scene{Cubes: 400, Seed: 5})
	for range 300 {
		w.step()
		for i := range w.bodies {
			b := &w.bodies[i]
			low := math.Inf(1)
			for _, c := range b.corners {
				low = min(low, c[2])
			}
			if low < -0.25 || b.pos[2] > 8 || b.vel.length() > 25 {
				t.Fatalf("tick %d: cube %d is at %v, its lowest corner at %v, and goes %v m/s", w.tick, i, b.pos, low, b.vel.length())
			}
		}
	}
	deep := 0
	for _, c := range w.contacts {
		if c.depth > 0.2 {
			deep++
		}
	}
	if deep > len(w.contacts)/20 {
		t.Errorf("%d of %d contacts are deeper than 0.2 m", deep, len(w.contacts))
	}
}

// A cube that is dropped comes to rest on a face, where gravity leaves it.
func TestADroppedCubeComesToRestOnAFace(t *testing.T) {
	w := newWorld(Scene{Cubes: 1, Seed: 1})
	w.bodies[0].pos[0] = 1000 // the roller is far away
	b := &w.bodies[1]
	b.pos, b.rot = vec{0, 0, 3}, quat{0.3, 0.2, 0.1, 0.9}.turn(vec{}, 1)
	b.refresh()
	b.wake()
	ticks := 0
	for ; !b.asleep && ticks < 1200; ticks++ {
		w.step()
	}
	if !b.asleep || math.Abs(b.pos[2]-b.half) > 0.03 {
		t.Errorf("after %d ticks it is at %v, asleep: %v", ticks, b.pos, b.asleep)
	}
}

// A cube on the ground is slowed by friction times gravity.
func TestFrictionStopsASlidingCube(t *testing.T) {
	w := newWorld(Scene{Cubes: 1, Seed: 1})
	w.bodies[0].pos[0] = 1000
	b := &w.bodies[1]
	b.wake()
	b.vel = vec{1, 0, 0}
	from := b.pos[0]
	for range 120 {
		w.step()
	}
	if way := b.pos[0] - from; way < 0.05 || way > 0.15 {
		t.Errorf("it slid %v m; 1/(2 x 0.6 x 9.81) is 0.085", way)
	}
}

func TestBothFormsOfARotationSayTheSame(t *testing.T) {
	s := Scene{Cubes: 50, Frames: 30, Seed: 2}
	whole := s.Trace()
	s.Smallest = true
	smallest := s.Trace()
	if err := smallest.Check(); err != nil {
		t.Fatal(err)
	}
	for i, frame := range whole.Frames {
		for e := range whole.Entities {
			q, c := frame[e*7+3:][:4], smallest.Frames[i][e*7+3:][:4]
			sign, at := float64(1), 1
			if q[c[0]] < 0 {
				sign = -1
			}
			for k := range q {
				if k == int(c[0]) {
					continue
				}
				is := (float64(c[at])/nineBits - 0.5) * math.Sqrt2
				if want := sign * float64(q[k]) / perNumber; math.Abs(is-want) > 0.0015 {
					t.Fatalf("frame %d, cube %d: number %d is %v, want %v", i, e, k, is, want)
				}
				at++
			}
		}
	}
	if whole.Fields[3].Kind != trace.KindQuat {
		t.Error("the four numbers are not a quaternion")
	}
}
