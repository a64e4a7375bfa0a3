package arena

import "github.com/roomtick/roomtick/sim"

const (
	fullHP       = 100
	respawnTicks = 3 * tickRate
	safeTicks    = 2 * tickRate
	clearance    = 250 // a ship is launched this far from ships and rocks, if it can be
	launchTries  = 16
)

// pilot is what a player keeps when its ship is destroyed.
type pilot struct {
	points uint16
	hue    uint8
	team   uint8
	away   uint8 // ticks until it gets a new ship; 0 if it has one
}

// newPilot sets up a player who has just joined.
func (a *Arena) newPilot(w *sim.World, p *sim.Player) pilot {
	team := a.pickTeam(w, p)
	return pilot{team: team, hue: hueOf(p.Seat, team)}
}

// launch gives a player a new ship, far from danger and near the others.
func (a *Arena) launch(w *sim.World, p *sim.Player) {
	pl := &a.pilots[p.Seat]
	x, y := a.launchPoint(w.Rand())
	id, s := a.Ships.Spawn()
	a.Ships.SetOwner(id, p.Seat)
	*s = Ship{
		X: x, Y: y, Angle: w.Rand().Range(0, fullTurn),
		HP: fullHP, Safe: true, safeTicks: safeTicks, Points: pl.points,
		Name: p.Name, Hue: pl.hue, Team: pl.team, Seat: p.Seat,
	}
}

// respawn gives a new ship to those who have waited for it.
func (a *Arena) respawn(w *sim.World) {
	for p := range w.Players() {
		pl := &a.pilots[p.Seat]
		if pl.away == 0 {
			continue
		}
		if pl.away--; pl.away == 0 {
			a.launch(w, p)
		}
	}
}

// launchPoint tries places around the middle of the world, the farther out the more
// ships there are, and takes the first with enough room around it, or the best.
func (a *Arena) launchPoint(rng *sim.Rand) (x, y float32) {
	reach := 300 + float32(150*sim.Sqrt(float32(a.Ships.Len())))
	best := float32(-1)
	for range launchTries {
		angle, r := rng.Range(0, fullTurn), rng.Range(0, reach)
		tx := Size/2 + float32(r*sim.Cos(angle))
		ty := Size/2 + float32(r*sim.Sin(angle))
		if room := a.room(tx, ty); room > best {
			x, y, best = tx, ty, room
		}
		if best >= clearance {
			break
		}
	}
	return x, y
}

// room returns how far from a point the nearest ship or rock is, at most clearance.
func (a *Arena) room(x, y float32) float32 {
	room := float32(clearance)
	for _, s := range a.Ships.All() {
		room = min(room, length(s.X-x, s.Y-y)-shipRadius)
	}
	for _, r := range (nearby{a, x, y, clearance + largest}).rocks {
		room = min(room, length(r.X-x, r.Y-y)-r.radius())
	}
	return max(room, 0)
}

// award gives points to the player of a seat, and to its team.
func (a *Arena) award(seat sim.Seat, points uint16) {
	if seat == sim.NoSeat {
		return
	}
	pl := &a.pilots[seat]
	pl.points = addPoints(pl.points, points)
	if _, s := a.Ships.Owned(seat); s != nil {
		s.Points = pl.points
	}
	a.awardTeam(pl.team, points)
}

// addPoints adds points and stops at the most there can be.
func addPoints(a, b uint16) uint16 { return a + min(b, 0xffff-a) }
