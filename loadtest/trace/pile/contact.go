package pile

// contact is a point in which two bodies touch, or one and the ground.
type contact struct {
	a, b   *body // b is nil for the ground
	point  vec
	normal vec // from a to b
	depth  float64

	pushed float64 // impulse along the normal so far
	rubbed vec     // along the surface
}

// margin is how near points count as touching.
const margin = 0.01

// ground appends where a body touches the plane z = 0.
func (w *world) ground(a *body) {
	if a.pos[2] > 1.8*a.half {
		return
	}
	for _, c := range a.corners {
		if c[2] < margin {
			w.contacts = append(w.contacts, contact{a: a, point: c, normal: vec{0, 0, -1}, depth: -c[2]})
		}
	}
}

// touch appends where two cubes touch, found by their separating axes.
func (w *world) touch(a, b *body) {
	between := b.pos.sub(a.pos)
	if r := 1.7321 * (a.half + b.half); between.dot(between) > r*r {
		return
	}
	normal, depth, found := leastOverlap(a, b, between)
	if !found {
		return
	}
	if normal.dot(between) < 0 {
		normal = normal.mul(-1)
	}
	if !w.rouse(a, b, normal) {
		return
	}
	n := len(w.contacts)
	top, bottom := a.pos.dot(normal)+a.reach(normal), b.pos.dot(normal)-b.reach(normal)
	for _, c := range a.corners {
		if d := c.dot(normal) - bottom; d > 0 && b.inside(c, margin) {
			w.contacts = append(w.contacts, contact{a: a, b: b, point: c, normal: normal, depth: d})
		}
	}
	for _, c := range b.corners {
		if d := top - c.dot(normal); d > 0 && a.inside(c, margin) {
			w.contacts = append(w.contacts, contact{a: a, b: b, point: c, normal: normal, depth: d})
		}
	}
	if len(w.contacts) == n { // two edges cross
		point := a.nearest(normal).add(b.nearest(normal.mul(-1))).mul(0.5)
		w.contacts = append(w.contacts, contact{a: a, b: b, point: point, normal: normal, depth: depth})
	}
}

// nearest returns the middle of the corners that reach farthest along n.
func (b *body) nearest(n vec) vec {
	far := b.pos.dot(n) + b.reach(n) - 0.05*b.half
	sum, count := vec{}, 0.0
	for _, c := range b.corners {
		if c.dot(n) >= far {
			sum, count = sum.add(c), count+1
		}
	}
	return sum.mul(1 / count)
}

// leastOverlap returns the axis along which two cubes overlap least; none if an axis
// separates them.
func leastOverlap(a, b *body, between vec) (normal vec, depth float64, found bool) {
	depth = 1e9
	try := func(n vec, prefer float64) bool {
		size := n.length()
		if size < 1e-6 { // two edges are parallel
			return true
		}
		n = n.mul(1 / size)
		apart := between.dot(n)
		if apart < 0 {
			apart = -apart
		}
		overlap := a.reach(n) + b.reach(n) - apart
		if overlap < 0 {
			return false
		}
		if overlap*prefer < depth {
			normal, depth = n, overlap
		}
		return true
	}
	for i := range 3 {
		if !try(a.faces[i], 1) || !try(b.faces[i], 1) {
			return normal, 0, false
		}
	}
	for i := range 3 {
		for j := range 3 { // faces give better contacts than edges
			if !try(a.faces[i].cross(b.faces[j]), 1.05) {
				return normal, 0, false
			}
		}
	}
	return normal, depth, true
}

// rouse wakes a sleeping body that is hit hard. It reports whether the contact
// matters: two sleeping bodies have none.
func (w *world) rouse(a, b *body, normal vec) bool {
	if a.asleep && b.asleep {
		return false
	}
	closing := a.vel.sub(b.vel).dot(normal)
	if closing > wakeSpeed {
		a.wake()
		b.wake()
	}
	return true
}
