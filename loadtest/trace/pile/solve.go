package pile

import "math"

// The solver: sequential impulses, as small games have it.
const (
	rounds   = 10
	friction = 0.6
	settle   = 0.15  // of what bodies overlap, taken back per tick
	overlap  = 0.004 // metres that stay, so that contacts last
)

// solve pushes bodies apart where they touch and close in, and rubs them.
func (w *world) solve(dt float64) {
	for range rounds {
		for i := range w.contacts {
			w.contacts[i].solve(dt)
		}
	}
}

func (c *contact) solve(dt float64) {
	speed := c.a.at(c.point)
	if c.b != nil {
		speed = speed.sub(c.b.at(c.point))
	}
	closing := speed.dot(c.normal)
	wanted := closing + settle/dt*max(c.depth-overlap, 0)
	if c.depth < 0 { // not yet: may close in by what is left
		wanted = closing + c.depth/dt
	}
	before := c.pushed
	c.pushed = max(0, before+wanted/c.give(c.normal))
	c.apply(c.normal.mul(c.pushed - before))

	slide := speed.sub(speed.along(c.normal))
	if v := slide.length(); v > 1e-9 {
		was := c.rubbed
		c.rubbed = was.plus(slide, 1/c.give(slide.mul(1/v)))
		if f, limit := c.rubbed.length(), friction*c.pushed; f > limit {
			c.rubbed = c.rubbed.mul(limit / math.Max(f, 1e-12))
		}
		c.apply(c.rubbed.sub(was))
	}
}

// give is how much speed an impulse of 1 along n makes at the contact.
func (c *contact) give(n vec) float64 {
	sum := 0.0
	for _, b := range []*body{c.a, c.b} {
		if b != nil {
			mass, inertia := b.inverse()
			arm := c.point.sub(b.pos).cross(n)
			sum += mass + inertia*arm.dot(arm)
		}
	}
	return max(sum, 1e-9)
}

// apply pushes a back and b on.
func (c *contact) apply(impulse vec) {
	c.a.push(impulse.mul(-1), c.point)
	if c.b != nil {
		c.b.push(impulse, c.point)
	}
}
