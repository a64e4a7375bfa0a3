package pile

import "math"

// vec is a vector in metres, metres a second, or their like. z is up.
type vec [3]float64

func (a vec) add(b vec) vec             { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) sub(b vec) vec             { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec) mul(s float64) vec         { return vec{a[0] * s, a[1] * s, a[2] * s} }
func (a vec) dot(b vec) float64         { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) length() float64           { return math.Sqrt(a.dot(a)) }
func (a vec) along(n vec) vec           { return n.mul(a.dot(n)) }
func (a vec) plus(n vec, s float64) vec { return a.add(n.mul(s)) }

func (a vec) cross(b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// quat is a unit quaternion x, y, z, w.
type quat [4]float64

// turn rotates by spin (radians a second) over dt.
func (q quat) turn(spin vec, dt float64) quat {
	x, y, z := spin[0]*dt/2, spin[1]*dt/2, spin[2]*dt/2
	r := quat{
		q[0] + x*q[3] + y*q[2] - z*q[1],
		q[1] + y*q[3] + z*q[0] - x*q[2],
		q[2] + z*q[3] + x*q[1] - y*q[0],
		q[3] - x*q[0] - y*q[1] - z*q[2],
	}
	n := 1 / math.Sqrt(r[0]*r[0]+r[1]*r[1]+r[2]*r[2]+r[3]*r[3])
	return quat{r[0] * n, r[1] * n, r[2] * n, r[3] * n}
}

// axes returns where a rotated cube's faces look.
func (q quat) axes() [3]vec {
	x, y, z, w := q[0], q[1], q[2], q[3]
	return [3]vec{
		{1 - 2*(y*y+z*z), 2 * (x*y + z*w), 2 * (x*z - y*w)},
		{2 * (x*y - z*w), 1 - 2*(x*x+z*z), 2 * (y*z + x*w)},
		{2 * (x*z + y*w), 2 * (y*z - x*w), 1 - 2*(x*x+y*y)},
	}
}
