package arena

import "github.com/roomtick/roomtick/sim"

// sight is what a computer player makes of what it sees.
type sight struct {
	foe          *Ship // the nearest enemy, nil if there is none
	foeWay       float32
	rock         *Rock   // the nearest, nil if none is in range
	rockWay      float32 // rockRange if none is nearer
	prize        prize   // what is worth collecting
	pushX, pushY float32 // away from what is too close, units per second
}

// prize is a pick-up; kind 0 is none.
type prize struct {
	x, y, way float32
	kind      uint8
}

// glimpse is what computer players remember of a ship: a client is not told the
// velocity of others, so they measure it from one tick to the next.
type glimpse struct {
	tick   uint32
	x, y   float32
	vx, vy float32
}

func (a *Arena) look(own sim.ID, me *Ship) sight {
	v := sight{rockWay: rockRange}
	for id, s := range a.Ships.All() {
		if id == own {
			continue
		}
		way := length(s.X-me.X, s.Y-me.Y)
		v.push(me.X-s.X, me.Y-s.Y, way, nearShip)
		friend := me.Team != teamNone && s.Team == me.Team
		if !friend && (v.foe == nil || way < v.foeWay) {
			v.foe, v.foeWay = s, way
		}
	}
	for _, r := range (nearby{a, me.X, me.Y, rockRange + largest}).rocks {
		way := length(r.X-me.X, r.Y-me.Y) - r.radius()
		v.push(me.X-r.X, me.Y-r.Y, way, nearRock)
		if way < v.rockWay {
			v.rock, v.rockWay = r, way
		}
	}
	a.findPrize(&v, me)
	return v
}

// findPrize looks for the nearest pick-up, for a weak ship the nearest repair.
func (a *Arena) findPrize(v *sight, me *Ship) {
	for _, u := range a.Pickups.All() {
		way := length(u.X-me.X, u.Y-me.Y)
		repair := u.Kind == pickupRepair
		if way > prizeWay || repair && me.HP == fullHP || !repair && me.HP < weakHP {
			continue
		}
		if v.prize.kind == 0 || way < v.prize.way {
			v.prize = prize{x: u.X, y: u.Y, way: way, kind: u.Kind}
		}
	}
}

// push adds to the wish to get away from something at a distance, by (dx, dy) from it:
// the nearer, the stronger.
func (v *sight) push(dx, dy, way, near float32) {
	if way > near {
		return
	}
	if far := length(dx, dy); far > 0 {
		strength := 4 * (near - way) / far
		v.pushX += float32(dx * strength)
		v.pushY += float32(dy * strength)
	}
}

// watch measures the velocities of all ships, once a tick.
func (a *Arena) watch(w *sim.World) {
	tick := w.Tick()
	if a.watched == tick {
		return
	}
	a.watched = tick
	for _, s := range a.Ships.All() {
		g := &s.seen
		vx, vy := float32(0), float32(0)
		if g.tick != 0 {
			span := float32(tick-g.tick) * w.DT()
			vx, vy = (s.X-g.x)/span, (s.Y-g.y)/span
		}
		*g = glimpse{tick: tick, x: s.X, y: s.Y, vx: vx, vy: vy}
	}
}
