package arena

import "github.com/roomtick/roomtick/sim"

// How computer players fly.
const (
	legTicks   = 60  // a new waypoint every 3 s
	spread     = 130 // radius of the swarm, times the root of its size
	wallMargin = 400 // waypoints keep this far from the walls
	cruise     = 260 // they wish for no more speed than this
	eager      = 0.8 // wished speed per unit of distance
	personal   = 140 // closer ships are steered away from
	shotRange  = 600
	shotWidth  = 25 // how far off the line of fire is still tempting
)

// Think flies the ship of p: towards a waypoint near the other ships, out of their
// way, and now and then it fires at one. It draws no random numbers and reads only
// what p's client can see, the velocity of its own ship included, because load-test
// bots run it on their copy of the room.
func (a *Arena) Think(w *sim.World, p *sim.Player) Input {
	id, me := a.Ships.Owned(p.Seat)
	if me == nil {
		return Input{}
	}
	v := a.look(id, me)
	wx, wy := waypoint(p.Seat, w.Tick(), v)
	sx, sy := steer(me, wx, wy, v)
	off := bearing(sim.Atan2(sy, sx) - me.Angle)
	in := Input{Fire: v.aimed && (w.Tick()+uint32(p.Seat)*5)%16 == 0}
	switch {
	case off > 0.1:
		in.Turn = 1
	case off < -0.1:
		in.Turn = -1
	}
	in.Thrust = off > -0.6 && off < 0.6 && float32(sx*sx)+float32(sy*sy) > 40*40
	return in
}

// sight is what a computer player makes of the ships it sees.
type sight struct {
	n            float32 // how many, its own included
	x, y         float32 // their middle
	pushX, pushY float32 // away from those too close, units per second
	aimed        bool    // one is in the line of fire
}

func (a *Arena) look(own sim.ID, me *Ship) sight {
	v := sight{}
	sin, cos := sim.Sin(me.Angle), sim.Cos(me.Angle)
	for id, s := range a.Ships.All() {
		v.n++
		v.x += s.X
		v.y += s.Y
		if id == own {
			continue
		}
		dx, dy := s.X-me.X, s.Y-me.Y
		ahead := float32(dx*cos) + float32(dy*sin)
		aside := float32(dy*cos) - float32(dx*sin)
		if ahead > 0 && ahead < shotRange && aside > -shotWidth && aside < shotWidth {
			v.aimed = true
		}
		if dx > -personal && dx < personal && dy > -personal && dy < personal {
			v.pushX -= dx
			v.pushY -= dy
		}
	}
	v.x /= v.n
	v.y /= v.n
	return v
}

// waypoint is where the seat flies during this leg: a point of its own around the
// middle of the ships it sees. Legs of different seats start at different ticks.
func waypoint(seat sim.Seat, tick uint32, v sight) (x, y float32) {
	leg := (tick + uint32(seat)*29) / legTicks
	h := scramble(uint32(seat)<<16 ^ leg)
	angle := float32(h&0xffff) * (fullTurn / 0x10000)
	r := spread * sim.Sqrt(v.n*float32(h>>16)/0x10000)
	x = v.x + float32(r*sim.Cos(angle))
	y = v.y + float32(r*sim.Sin(angle))
	return inside(x), inside(y)
}

func inside(x float32) float32 {
	return min(max(x, wallMargin), Size-wallMargin)
}

// steer returns the change of velocity the ship wishes for.
func steer(me *Ship, x, y float32, v sight) (sx, sy float32) {
	wx, wy := (x-me.X)*eager, (y-me.Y)*eager
	if speed := sim.Sqrt(float32(wx*wx) + float32(wy*wy)); speed > cruise {
		wx *= cruise / speed
		wy *= cruise / speed
	}
	return wx + v.pushX - me.VX, wy + v.pushY - me.VY
}

// bearing wraps the difference of two angles to half a turn either way.
func bearing(a float32) float32 {
	a = sim.WrapAngle(a)
	if a > fullTurn/2 {
		return a - fullTurn
	}
	return a
}

// scramble is the finaliser of MurmurHash3: every bit of h depends on all of n.
func scramble(n uint32) uint32 {
	n ^= n >> 16
	n *= 0x85ebca6b
	n ^= n >> 13
	n *= 0xc2b2ae35
	return n ^ n>>16
}
