package arena

import "github.com/roomtick/roomtick/sim"

const (
	pickupTicks  = 30 * tickRate // then it is gone
	pickupRadius = 18
	powerTicks   = 10 * tickRate
	repairHP     = 40
)

// The kinds of a Pickup.
const (
	pickupRepair = 1 + iota
	pickupRapid
	pickupShield
)

// What a ship can have for a while.
const (
	powerNone   = iota
	powerRapid  // the gun loads in half the time
	powerShield // a third of the damage gets through
)

// Pickup lies where a rock or a ship was, for whoever comes first.
type Pickup struct {
	X, Y float32 `sync:"min=0,max=12000,step=0.5"`
	Kind uint8   `sync:"once,min=1,max=3"` // pickupRepair, pickupRapid or pickupShield
	left uint16  // ticks
}

func (a *Arena) dropPickup(x, y float32, rng *sim.Rand) {
	id, u := a.Pickups.Spawn()
	a.Pickups.MoveTo(id, x, y)
	*u = Pickup{X: x, Y: y, Kind: uint8(pickupRepair + rng.IntN(3)), left: pickupTicks}
}

// collect gives the pick-ups to the ships that touch them, and removes old ones.
func (a *Arena) collect(w *sim.World) {
	const reach = pickupRadius + shipRadius
	for id, u := range a.Pickups.All() {
		for _, s := range a.Ships.All() {
			if length(s.X-u.X, s.Y-u.Y) <= reach {
				a.pick(w, s, u.Kind)
				u.left = 1
				break
			}
		}
		if u.left--; u.left == 0 {
			a.Pickups.Despawn(id)
		}
	}
}

func (a *Arena) pick(w *sim.World, s *Ship, kind uint8) {
	switch kind {
	case pickupRepair:
		s.HP = min(s.HP+repairHP, fullHP)
	case pickupRapid:
		s.Power, s.powerTicks = powerRapid, powerTicks
	case pickupShield:
		s.Power, s.powerTicks = powerShield, powerTicks
	}
	if p := w.Player(s.Seat); p != nil {
		a.Picked.SendTo(p, Picked{Kind: kind})
	}
}
