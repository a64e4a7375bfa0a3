package arena

import "github.com/roomtick/roomtick/sim"

const (
	reloadTicks  = 6   // between two shots
	rapidTicks   = 3   // the same with rapid fire
	bulletTicks  = 24  // how long a bullet flies: 1.2 s
	bulletSpeed  = 620 // beside that of the ship
	bulletDamage = 20
)

// Bullet flies straight until it hits something, leaves the world or is too old.
type Bullet struct {
	X, Y   float32  `sync:"min=0,max=12000,step=0.5,lerp"`
	Hue    uint8    `sync:"once"`
	Seat   sim.Seat `sync:"once"` // whose
	vx, vy float32
	team   uint8
	left   uint8 // ticks
}

// shoot fires the guns of those who want to and may.
func (a *Arena) shoot(w *sim.World) {
	for _, s := range a.Ships.All() {
		p := w.Player(s.Seat)
		if p == nil {
			continue
		}
		in := a.Inputs.Of(p)
		s.Reload = countDown(s.Reload)
		s.tapped = s.tapped || in.Fire
		if s.Reload == 0 && (s.tapped || in.Hold) {
			a.fire(w, s)
		}
		s.age()
	}
}

func (a *Arena) fire(w *sim.World, s *Ship) {
	s.Reload, s.tapped, s.Safe = reloadTicks, false, false
	if s.Power == powerRapid {
		s.Reload = rapidTicks
	}
	cos, sin := sim.Cos(s.Angle), sim.Sin(s.Angle)
	_, b := a.Bullets.Spawn()
	*b = Bullet{
		X: inside(s.X + float32(shipRadius*cos)), Y: inside(s.Y + float32(shipRadius*sin)),
		vx: s.VX + float32(bulletSpeed*cos), vy: s.VY + float32(bulletSpeed*sin),
		Hue: s.Hue, Seat: s.Seat, team: s.Team, left: bulletTicks,
	}
	a.Shots.Send(w.CellAt(b.X, b.Y), Shot{X: b.X, Y: b.Y, Angle: s.Angle, Seat: s.Seat})
}

// age ends what does not last.
func (s *Ship) age() {
	s.bruised = countDown(s.bruised)
	s.safeTicks = countDown(s.safeTicks)
	s.Safe = s.Safe && s.safeTicks > 0
	if s.powerTicks > 0 {
		s.powerTicks--
	} else {
		s.Power = powerNone
	}
}

// strike flies the bullets and finds what they hit on their way.
func (a *Arena) strike(w *sim.World) {
	dt := w.DT()
	for id, b := range a.Bullets.All() {
		ship, rock, share := a.target(b, dt)
		x := b.X + float32(float32(b.vx*dt)*share)
		y := b.Y + float32(float32(b.vy*dt)*share)
		b.left--
		switch {
		case ship != 0:
			a.spark(w, x, y, b.Hue)
			a.hurt(w, ship, bulletDamage, b.Seat)
		case rock != 0:
			a.spark(w, x, y, b.Hue)
			a.shatter(w, rock, b)
		case b.left > 0 && x == inside(x) && y == inside(y):
			b.X, b.Y = x, y
			continue
		}
		a.Bullets.Despawn(id)
	}
}

// target returns the first ship or rock in the way of a bullet during this tick, and the
// share of the tick after which it is hit: 1 if nothing is in the way.
func (a *Arena) target(b *Bullet, dt float32) (ship, rock sim.ID, share float32) {
	share = 1
	for id, s := range a.Ships.All() {
		if s.Seat == b.Seat || b.team != teamNone && s.Team == b.team {
			continue
		}
		if !b.near(s.X, s.Y) {
			continue
		}
		if t, ok := b.meets(s.X, s.Y, s.VX, s.VY, shipRadius, dt); ok && t <= share {
			ship, share = id, t
		}
	}
	for id, r := range (nearby{a, b.X, b.Y, strikeReach}).rocks {
		if !b.near(r.X, r.Y) {
			continue
		}
		if t, ok := b.meets(r.X, r.Y, r.vx, r.vy, r.radius(), dt); ok && t <= share {
			ship, rock, share = 0, id, t
		}
	}
	return ship, rock, share
}

// near reports whether something there can be met in a tick at all: most cannot.
func (b *Bullet) near(x, y float32) bool {
	dx, dy := b.X-x, b.Y-y
	return dx < strikeReach && dx > -strikeReach && dy < strikeReach && dy > -strikeReach
}

// meets returns the share of this tick after which the bullet touches a disc that has
// just moved to (x, y). Looking at the way rather than at its end keeps a fast bullet
// from skipping a small disc.
func (b *Bullet) meets(x, y, vx, vy, radius, dt float32) (share float32, ok bool) {
	// Seen from the disc, the bullet starts at (px, py) and moves by (dx, dy).
	dx, dy := float32((b.vx-vx)*dt), float32((b.vy-vy)*dt)
	px := b.X - (x - float32(vx*dt))
	py := b.Y - (y - float32(vy*dt))
	if reach := radius + maxStep; px > reach || px < -reach || py > reach || py < -reach {
		return 0, false
	}
	// |p + share d| = radius, the earlier of two solutions.
	c := float32(px*px) + float32(py*py) - float32(radius*radius)
	if c <= 0 {
		return 0, true
	}
	half := float32(px*dx) + float32(py*dy)
	way := float32(dx*dx) + float32(dy*dy)
	root := float32(half*half) - float32(way*c)
	if half >= 0 || root < 0 {
		return 0, false
	}
	share = (-half - sim.Sqrt(root)) / way
	return share, share <= 1
}

const (
	// maxStep is more than a bullet and a disc can approach each other in a tick.
	maxStep = (bulletSpeed + 2*maxSpeed) / tickRate
	// strikeReach is farther than anything is that a bullet meets in a tick.
	strikeReach = largest + 2*maxStep
)

// inside brings a coordinate into the world.
func inside(x float32) float32 { return min(max(x, 0), Size) }

// countDown is n - 1, but not below 0.
func countDown(n uint8) uint8 {
	if n == 0 {
		return 0
	}
	return n - 1
}
