package arena

import "github.com/roomtick/roomtick/sim"

// How computer players fly. Speeds in units per second, distances in units.
const (
	cruise    = 260 // they wish for no more speed than this
	eager     = 0.8 // wished speed per unit of distance
	standOff  = 260 // they circle an enemy at this distance
	weakHP    = 40  // with less they flee and look for a repair
	prizeWay  = 700 // they go this far for a pick-up
	nearRock  = 110 // from its edge: a rock to steer away from
	nearShip  = 110 // the same for ships
	urgent    = 250 // a push that matters more than the aim
	turnSlack = 0.1 // radians: half of what they turn in a tick
)

// Think flies the ship of p: it hunts the nearest enemy, flees when weak, collects what
// lies about, and keeps clear of rocks. It draws no random numbers and uses only what
// p's client can see, because load-test bots run it on their copy of the room.
func (a *Arena) Think(w *sim.World, p *sim.Player) Input {
	a.watch(w)
	id, me := a.Ships.Owned(p.Seat)
	if me == nil {
		return Input{}
	}
	v := a.look(id, me)
	wx, wy := v.wish(me, w.Tick())
	sx, sy := wx+v.pushX-me.VX, wy+v.pushY-me.VY // the change of velocity it wishes for
	course := sim.Atan2(sy, sx)
	bow := course
	aim, open := v.aim(me, p.Seat, w.Tick())
	if open && length(v.pushX, v.pushY) < urgent {
		bow = aim
	}
	in := Input{Turn: turnTo(bow - me.Angle)}
	ahead := bearing(course - me.Angle)
	in.Thrust = ahead > -0.7 && ahead < 0.7 && length(sx, sy) > 40
	in.Hold = open && onTarget(aim-me.Angle) && fires(p.Seat, w.Tick())
	return in
}

// wish returns the velocity to fly with.
func (v *sight) wish(me *Ship, tick uint32) (x, y float32) {
	weak := me.HP < weakHP
	switch {
	case v.prize.kind != 0 && (v.prize.way < prizeWay/2 || weak || v.foe == nil):
		return towards(v.prize.x-me.X, v.prize.y-me.Y)
	case v.foe == nil:
		return towards(Size/2-me.X, Size/2-me.Y)
	case weak && v.foeWay < 2*standOff:
		return towards(me.X-v.foe.X, me.Y-v.foe.Y)
	}
	return v.circle(me, tick)
}

// circle flies around the enemy, this way or that, rather than into it.
func (v *sight) circle(me *Ship, tick uint32) (x, y float32) {
	dx, dy := v.foe.X-me.X, v.foe.Y-me.Y
	if v.foeWay < 1 {
		return 0, 0
	}
	side := float32(standOff) / v.foeWay
	if scramble(uint32(me.Seat)<<16^tick/100)&1 == 0 {
		side = -side
	}
	return towards(dx-float32(side*dy), dy+float32(side*dx))
}

// towards is the velocity to get somewhere at (dx, dy) from here.
func towards(dx, dy float32) (x, y float32) {
	dx, dy = dx*eager, dy*eager
	if speed := length(dx, dy); speed > cruise {
		dx *= cruise / speed
		dy *= cruise / speed
	}
	return dx, dy
}

func turnTo(off float32) int8 {
	switch off = bearing(off); {
	case off > turnSlack:
		return 1
	case off < -turnSlack:
		return -1
	}
	return 0
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
