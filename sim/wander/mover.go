package wander

import "github.com/roomtick/roomtick/sim"

// How movers move. Lengths in units, times in seconds, angles in radians.
const (
	fullTurn = 6.2831855
	fullHP   = 100
	grid     = 0.05 // step of X and Y, and below the number of bearings
	angles   = 1024
	// push is the largest random acceleration along one axis. In one tick of 50 ms it
	// moves a mover by up to 1 unit, 20 steps of the grid, more or less than foreseen.
	push = 400
	// keep is the share of the speed that is left after a tick; it holds speeds near 60.
	keep = 0.98
	// turn is the largest random turn in a tick: 24 steps of a circle of 1,024.
	turn = 0.15
	// hurt is how seldom hp changes: once in so many ticks.
	hurt = 50
)

// Mover is one of the things that wander.
type Mover struct {
	X, Y  float32 `sync:"min=0,max=8000,step=0.05,lerp"`
	Angle float32 `sync:"angle,bits=10,lerp"`
	HP    uint8   `sync:"min=0,max=100"`

	vx, vy     float32
	ax, ay, da float32 // this tick's random part of the way and of the bearing
	hit        bool    // hp is new
}

// move moves m for one tick in a world of side by side. Products are rounded before
// they are added: a fused multiply-add would give other bits on other machines.
func (m *Mover) move(r *sim.Rand, in Input, side, dt float32) {
	ax, ay := r.Range(-push, push), r.Range(-push, push)
	ax += float32(in.X) * push / 10
	ay += float32(in.Y) * push / 10
	m.ax, m.ay = float32(float32(ax*dt)*dt), float32(float32(ay*dt)*dt)
	m.vx = float32(m.vx*keep) + float32(ax*dt)
	m.vy = float32(m.vy*keep) + float32(ay*dt)
	m.X, m.vx = glide(m.X, m.vx, side, dt)
	m.Y, m.vy = glide(m.Y, m.vy, side, dt)
	m.da = r.Range(-turn, turn)
	m.Angle = sim.WrapAngle(m.Angle + m.da)
	if m.hit = r.IntN(hurt) == 0; m.hit {
		m.HP = uint8(1 + r.IntN(fullHP))
	}
}

// glide moves one coordinate by its speed and bounces it off the walls.
func glide(x, v, side, dt float32) (float32, float32) {
	x += float32(v * dt)
	switch {
	case x < 0:
		return -x, -v
	case x > side:
		return 2*side - x, -v
	}
	return x, v
}
