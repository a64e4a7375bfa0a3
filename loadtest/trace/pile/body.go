package pile

// A body that has been slower than these for restTicks falls asleep.
const (
	restSpeed = 0.08 // metres a second
	restSpin  = 0.12 // radians a second
	restTicks = 20
	wakeSpeed = 0.25 // a sleeping body is woken by what hits it faster
)

// body is a rigid cube. Its inertia is the same about every axis.
type body struct {
	pos       vec
	rot       quat
	vel, spin vec
	half      float64 // of an edge
	mass      float64
	asleep    bool
	still     int // ticks of rest
	faces     [3]vec
	corners   [8]vec
}

// refresh computes what follows from position and rotation.
func (b *body) refresh() {
	b.faces = b.rot.axes()
	for i := range b.corners {
		c := b.pos
		for axis := range 3 {
			side := b.half
			if i>>axis&1 == 0 {
				side = -side
			}
			c = c.plus(b.faces[axis], side)
		}
		b.corners[i] = c
	}
}

// inverse returns the inverse mass and inertia; a sleeping body does not budge.
func (b *body) inverse() (mass, inertia float64) {
	if b.asleep {
		return 0, 0
	}
	edge := 2 * b.half
	return 1 / b.mass, 6 / (b.mass * edge * edge)
}

// at returns the velocity of a point that moves with the body.
func (b *body) at(point vec) vec { return b.vel.add(b.spin.cross(point.sub(b.pos))) }

// push applies an impulse at a point.
func (b *body) push(impulse, point vec) {
	mass, inertia := b.inverse()
	b.vel = b.vel.plus(impulse, mass)
	b.spin = b.spin.plus(point.sub(b.pos).cross(impulse), inertia)
}

// move advances position and rotation.
func (b *body) move(dt float64) {
	b.pos = b.pos.plus(b.vel, dt)
	b.rot = b.rot.turn(b.spin, dt)
	b.refresh()
}

// rest lets a body fall asleep that has been still for long enough.
func (b *body) rest() {
	if b.vel.length() > restSpeed || b.spin.length() > restSpin {
		b.still = 0
		return
	}
	if b.still++; b.still >= restTicks {
		b.asleep = true
		b.vel, b.spin = vec{}, vec{}
	}
}

func (b *body) wake() {
	b.asleep, b.still = false, 0
}

// inside reports whether a point is in the cube, give or take a margin.
func (b *body) inside(point vec, margin float64) bool {
	d := point.sub(b.pos)
	for _, n := range b.faces {
		if x := d.dot(n); x > b.half+margin || x < -b.half-margin {
			return false
		}
	}
	return true
}

// reach is how far the cube reaches from its centre along n.
func (b *body) reach(n vec) float64 {
	sum := 0.0
	for _, f := range b.faces {
		if x := f.dot(n); x < 0 {
			sum -= x
		} else {
			sum += x
		}
	}
	return sum * b.half
}
