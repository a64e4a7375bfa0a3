package arena

import "github.com/roomtick/roomtick/sim"

const (
	shipPoints  = 10 // for a ship destroyed
	shieldPart  = 3  // a shield lets a third of the damage through
	wreckChance = 4  // one in so many ships leaves a pick-up
	rebound     = 0.6
	leastBounce = 60  // units per second: enough to get away from a rock
	bruiseTicks = 10  // after a rock has hurt a ship
	softBump    = 4   // damage of the gentlest touch
	bumpDamage  = 0.1 // per unit per second of approach
)

// hurt damages a ship; by is the seat that did it, NoSeat for a rock.
func (a *Arena) hurt(w *sim.World, id sim.ID, damage uint8, by sim.Seat) {
	s := a.Ships.Get(id)
	if s.Safe {
		return
	}
	if s.Power == powerShield {
		damage /= shieldPart
	}
	if damage < s.HP {
		s.HP -= damage
		return
	}
	a.destroy(w, id, s, by)
}

func (a *Arena) destroy(w *sim.World, id sim.ID, s *Ship, by sim.Seat) {
	kill := Kill{Of: s.Name, OfHue: s.Hue}
	if p := w.Player(by); p != nil {
		kill.By, kill.ByHue = p.Name, a.pilots[by].hue
		a.award(by, shipPoints)
	}
	a.Booms.Send(w.CellAt(s.X, s.Y), Boom{X: s.X, Y: s.Y, Size: boomShip, Hue: s.Hue})
	a.Kills.Send(sim.Everyone, kill)
	if p := w.Player(s.Seat); p != nil {
		a.pilots[p.Seat].away = respawnTicks
		a.Downs.SendTo(p, Down{By: kill.By, Ticks: respawnTicks})
	}
	if w.Rand().IntN(wreckChance) == 0 {
		a.dropPickup(s.X, s.Y, w.Rand())
	}
	a.Ships.Despawn(id)
}

func (a *Arena) spark(w *sim.World, x, y float32, hue uint8) {
	a.Booms.Send(w.CellAt(x, y), Boom{X: x, Y: y, Size: boomSpark, Hue: hue})
}

// ram lets ships bounce off the rocks that they touch, and hurts them.
func (a *Arena) ram(w *sim.World) {
	for id, s := range a.Ships.All() {
		for _, r := range (nearby{a, s.X, s.Y, largest + shipRadius}).rocks {
			approach := s.bounce(r)
			if approach <= 0 || s.bruised > 0 {
				continue
			}
			s.bruised = bruiseTicks
			a.hurt(w, id, softBump+uint8(float32(approach*bumpDamage)), sim.NoSeat)
			if a.Ships.Get(id) == nil {
				break
			}
		}
	}
}

// bounce turns a ship back that touches a rock, and returns how fast they approached
// each other; 0 if they do not. Rocks are too heavy to notice.
func (s *Ship) bounce(r *Rock) float32 {
	dx, dy := s.X-r.X, s.Y-r.Y
	reach := r.radius() + shipRadius
	distance := length(dx, dy)
	if distance > reach || distance == 0 {
		return 0
	}
	dx, dy = dx/distance, dy/distance
	approach := -(float32((s.VX-r.vx)*dx) + float32((s.VY-r.vy)*dy))
	if approach <= 0 {
		return 0
	}
	push := approach + max(float32(approach*rebound), leastBounce)
	s.VX += float32(push * dx)
	s.VY += float32(push * dy)
	limitSpeed(s)
	return approach
}
