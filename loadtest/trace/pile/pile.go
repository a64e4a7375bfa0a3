// Package pile simulates a field of cubes through which a larger one rolls: rigid
// bodies with gravity, contact and friction, most of them asleep at any time. It makes
// traces whose numbers behave like those of a physics engine, to practise on and to
// measure the codec with. Equal scenes give equal traces.
package pile

import (
	"math"
	"math/rand/v2"

	"github.com/roomtick/roomtick/loadtest/trace"
)

// Scene describes a field.
type Scene struct {
	Cubes    int    // small ones; one large is added
	Frames   int    // to record
	Seed     uint64 // of the roller's way
	Smallest bool   // rotations as the number of the largest component and the three others
}

const (
	tickRate = 60
	gravity  = 9.81
	spacing  = 2.0  // metres between the small cubes at first
	pull     = 14.0 // metres a second squared towards the roller
	pullFrom = 8.0  // metres from it
	roller   = 1.5  // half its edge
	pace     = 4.5  // metres a second
	damping  = 0.99 // of speed kept per tick
)

// world is the field at one tick.
type world struct {
	bodies   []body
	contacts []contact
	grid     map[[2]int32][]int
	rng      *rand.Rand
	heading  float64
	tick     int
	edge     float64 // of the field, from its middle
}

func newWorld(s Scene) *world {
	w := &world{rng: rand.New(rand.NewPCG(s.Seed, 1)), grid: map[[2]int32][]int{}}
	side := int(math.Ceil(math.Sqrt(float64(s.Cubes))))
	w.edge = spacing * float64(side) / 2
	w.bodies = append(w.bodies, body{pos: vec{0, 0, roller + 0.5}, rot: quat{0, 0, 0, 1}, half: roller, mass: 20})
	for i := range s.Cubes {
		x, y := float64(i%side)+0.5, float64(i/side)+0.5
		turned := quat{0, 0, 0, 1}.turn(vec{0, 0, w.rng.Float64() * 0.3}, 1)
		w.bodies = append(w.bodies, body{
			pos: vec{x*spacing - w.edge, y*spacing - w.edge, 0.5}, rot: turned, half: 0.5, mass: 1, asleep: true,
		})
	}
	for i := range w.bodies {
		w.bodies[i].refresh()
	}
	return w
}

// step advances the field by a tick.
func (w *world) step() {
	const dt = 1.0 / tickRate
	w.tick++
	w.steer(dt)
	for i := range w.bodies {
		if b := &w.bodies[i]; !b.asleep {
			b.vel[2] -= gravity * dt
			b.vel, b.spin = b.vel.mul(damping), b.spin.mul(damping)
		}
	}
	w.meet()
	w.solve(dt)
	for i := range w.bodies {
		if b := &w.bodies[i]; !b.asleep {
			b.move(dt)
			b.rest()
		}
	}
}

// steer drives the roller about the field. For four of six seconds it draws what
// lies near.
func (w *world) steer(dt float64) {
	r := &w.bodies[0]
	w.heading += w.rng.NormFloat64() * 0.08
	if math.Hypot(r.pos[0], r.pos[1]) > w.edge*0.8 {
		w.heading = math.Atan2(-r.pos[1], -r.pos[0])
	}
	want := vec{math.Cos(w.heading) * pace, math.Sin(w.heading) * pace, r.vel[2]}
	r.vel = r.vel.plus(want.sub(r.vel), 3*dt)
	r.wake()
	if w.tick%(6*tickRate) >= 4*tickRate {
		return
	}
	for i := range w.bodies[1:] {
		b := &w.bodies[i+1]
		d := r.pos.sub(b.pos)
		if n := d.length(); n < pullFrom {
			b.wake()
			b.vel = b.vel.plus(d, pull*dt/n)
		}
	}
}

// meet finds every contact of an awake body.
func (w *world) meet() {
	w.contacts = w.contacts[:0]
	clear(w.grid)
	for i := range w.bodies[1:] {
		at := w.bodies[i+1].cell()
		w.grid[at] = append(w.grid[at], i+1)
	}
	for i := range w.bodies {
		a := &w.bodies[i]
		if a.asleep {
			continue
		}
		w.ground(a)
		near := int32(1)
		if i == 0 {
			near = 2
		}
		at := a.cell()
		for x := at[0] - near; x <= at[0]+near; x++ {
			for y := at[1] - near; y <= at[1]+near; y++ {
				for _, j := range w.grid[[2]int32{x, y}] {
					// A pair of awake bodies meets once.
					if b := &w.bodies[j]; j > i || j != i && b.asleep {
						w.touch(a, b)
					}
				}
			}
		}
	}
}

// cell is where in the grid a body is; a small cube touches none beyond the next cell.
func (b *body) cell() [2]int32 {
	return [2]int32{int32(math.Floor(b.pos[0] / spacing)), int32(math.Floor(b.pos[1] / spacing))}
}

// Trace records the scene.
func (s Scene) Trace() *trace.Trace {
	w := newWorld(s)
	t := &trace.Trace{Header: s.header()}
	for range 2 * tickRate { // the roller sets off
		w.step()
	}
	for range s.Frames {
		w.step()
		frame := make([]int32, 0, t.Values())
		for i := range w.bodies {
			frame = s.appendBody(frame, &w.bodies[i])
		}
		t.Frames = append(t.Frames, frame)
	}
	return t
}
