package arena

import "github.com/roomtick/roomtick/sim"

const (
	rockCount    = 180 // to begin with, unless the match says so
	mostRocks    = 4000
	roomyRocks   = 1000     // up to here all are large to begin with; more of them would leave no way through
	driftInTicks = tickRate // between two rocks that drift in
	slowestRock  = 20       // units per second
	fastestRock  = 70       // of large ones; pieces get faster
	splitSpeed   = 45       // at which pieces part
	largest      = 60       // units: radius of a large rock
	pickupChance = 2        // one in so many small rocks leaves a pick-up
)

// The sizes of a rock.
const (
	small = 1 + iota
	medium
	large
)

// Rock drifts through the world and bounces off its walls. A bullet splits it into two of
// the next smaller size, a small one into nothing.
type Rock struct {
	X, Y   float32 `sync:"min=0,max=12000,step=0.5,lerp"`
	Size   uint8   `sync:"once,min=1,max=3"` // small, medium or large
	vx, vy float32
}

// radius is the one the rock collides with.
func (r *Rock) radius() float32 {
	switch r.Size {
	case small:
		return 18
	case medium:
		return 34
	}
	return largest
}

// weight is how many small rocks it would make.
func (r *Rock) weight() int { return 1 << (r.Size - 1) }

// points is what its destruction is worth: small ones are hard to hit.
func (r *Rock) points() uint16 { return uint16(large + 1 - r.Size) }

// spawnRock adds a rock with a random course.
func (a *Arena) spawnRock(x, y float32, size uint8, rng *sim.Rand) *Rock {
	_, r := a.Rocks.Spawn()
	a.chart.stale = true
	angle, speed := rng.Range(0, fullTurn), rng.Range(slowestRock, fastestRock)
	*r = Rock{
		X: inside(x), Y: inside(y), Size: size,
		vx: float32(speed * sim.Cos(angle)), vy: float32(speed * sim.Sin(angle)),
	}
	return r
}

// drift moves the rocks and lets new ones in for those that are gone.
func (a *Arena) drift(w *sim.World) {
	dt, weight := w.DT(), 0
	for _, r := range a.Rocks.All() {
		weight += r.weight()
		r.X, r.vx = glide(r.X, r.vx, dt, 1)
		r.Y, r.vy = glide(r.Y, r.vy, dt, 1)
	}
	if w.Tick()%driftInTicks == 0 && weight+4 <= a.weight {
		a.driftIn(w.Rand())
	}
}

// driftIn lets a large rock in through one of the walls.
func (a *Arena) driftIn(rng *sim.Rand) {
	at := rng.Range(0, Size)
	switch rng.IntN(4) {
	case 0:
		a.spawnRock(at, 0, large, rng)
	case 1:
		a.spawnRock(at, Size, large, rng)
	case 2:
		a.spawnRock(0, at, large, rng)
	default:
		a.spawnRock(Size, at, large, rng)
	}
}

// shatter splits a rock that a bullet has hit.
func (a *Arena) shatter(w *sim.World, id sim.ID, b *Bullet) {
	r := a.Rocks.Get(id)
	a.Booms.Send(w.CellAt(r.X, r.Y), Boom{X: r.X, Y: r.Y, Size: boomRock})
	a.award(b.Seat, r.points())
	old := *r
	a.Rocks.Despawn(id)
	if old.Size == small {
		if w.Rand().IntN(pickupChance) == 0 {
			a.dropPickup(old.X, old.Y, w.Rand())
		}
		return
	}
	// The pieces part to the left and to the right of the bullet.
	speed := length(b.vx, b.vy)
	lx, ly := -b.vy/speed, b.vx/speed
	for _, side := range [2]float32{-1, 1} {
		apart, away := float32(side*old.radius()/2), float32(side*splitSpeed)
		piece := a.spawnRock(old.X+float32(lx*apart), old.Y+float32(ly*apart), old.Size-1, w.Rand())
		piece.vx = old.vx + float32(lx*away) + float32(piece.vx/2)
		piece.vy = old.vy + float32(ly*away) + float32(piece.vy/2)
	}
}
