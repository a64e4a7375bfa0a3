package arena

import "github.com/roomtick/roomtick/sim"

// How computer players shoot. Enough misses for a beginner to live.
const (
	shipRange  = 520  // they aim at enemies so near
	rockRange  = 300  // and at rocks that are much nearer
	aimSlack   = 0.12 // radians off at which they still fire
	worstError = 0.16 // radians, of the least skilled seat
	leastError = 0.03 // of the most skilled
	mood       = 30   // ticks until a seat aims off by something else
	burst      = 8    // ticks a burst lasts
)

// aim returns where the bow must point to hit what is worth it; ok is false if nothing
// is in range.
func (v *sight) aim(me *Ship, seat sim.Seat, tick uint32) (angle float32, ok bool) {
	switch {
	case v.foe != nil && v.foeWay < shipRange && v.foeWay < 2*v.rockWay && !v.foe.Safe:
		g := &v.foe.seen
		angle = lead(me, v.foe.X, v.foe.Y, g.vx, g.vy)
	case v.rock != nil && !me.Safe:
		angle = lead(me, v.rock.X, v.rock.Y, 0, 0)
	default:
		return 0, false
	}
	return angle + aimError(seat, tick), true
}

// lead is the direction in which a bullet meets something that goes on as it does.
func lead(me *Ship, x, y, vx, vy float32) float32 {
	dx, dy := x-me.X, y-me.Y
	flight := length(dx, dy) / bulletSpeed
	// A bullet has the velocity of its ship as well.
	dx += float32((vx - me.VX) * flight)
	dy += float32((vy - me.VY) * flight)
	return sim.Atan2(dy, dx)
}

// aimError is how far off a seat aims at the time.
func aimError(seat sim.Seat, tick uint32) float32 {
	skill := float32(scramble(uint32(seat))&0xff) / 0xff
	most := worstError - float32(skill*(worstError-leastError))
	h := scramble(uint32(seat)<<16 ^ tick/mood)
	return most * (float32(float32(h&0xffff)/0x8000) - 1)
}

func onTarget(off float32) bool {
	off = bearing(off)
	return off > -aimSlack && off < aimSlack
}

// fires reports whether a seat is in one of its bursts: a third of the time.
func fires(seat sim.Seat, tick uint32) bool {
	return scramble(uint32(seat)<<16^tick/burst)%3 == 0
}
