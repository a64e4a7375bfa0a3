package arena

import (
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func TestRocksSplitIntoTwoOfTheNextSizeUntilNothingIsLeft(t *testing.T) {
	g := duel(t)
	a := arenaOf(g)
	rock, _ := a.Rocks.Spawn()
	*a.Rocks.Get(rock) = Rock{X: 500, Y: 500, Size: large}
	bullet := Bullet{vx: 600, Seat: 0}
	for size := uint8(large); size >= small; size-- {
		if want := 1 << (large - size); a.Rocks.Len() != want {
			t.Errorf("%d rocks of size %d, want %d", a.Rocks.Len(), size, want)
		}
		for id, r := range a.Rocks.All() {
			if r.Size != size {
				t.Errorf("a rock of size %d among those of size %d", r.Size, size)
			}
			a.shatter(g.World(), id, &bullet)
		}
	}
	if a.Rocks.Len() != 0 {
		t.Errorf("%d rocks left", a.Rocks.Len())
	}
	if got := a.pilots[0].points; got != 1+2*2+4*3 {
		t.Errorf("%d points for one large rock to the end", got)
	}
}

func TestRammingARockHurtsOnceAndTurnsTheShipBack(t *testing.T) {
	g := duel(t)
	s := place(g, 0, 2000, 1000, 0)
	s.VX = 300
	_, r := arenaOf(g).Rocks.Spawn()
	*r = Rock{X: 2080, Y: 1000, Size: large}
	for range 5 {
		g.Step()
	}
	if s.VX >= 0 || s.HP >= fullHP-20 || s.HP < fullHP-40 {
		t.Errorf("after the rock: %+v", s)
	}
	hp := s.HP
	s.X, s.VX = 2000, 300 // back at once, as if pushed by another
	for range 5 {
		g.Step()
	}
	if s.VX >= 0 || s.HP != hp {
		t.Errorf("the second time: %+v, want %d hp", s, hp)
	}
}

func TestPickupsRepairAndGivePower(t *testing.T) {
	g := duel(t)
	a := arenaOf(g)
	for kind := uint8(pickupRepair); kind <= pickupShield; kind++ {
		s := place(g, 0, 2000, 1000, 0)
		s.HP = 50
		_, u := a.Pickups.Spawn()
		*u = Pickup{X: 2010, Y: 1000, Kind: kind, left: 9}
		if names := press(g, 0, Input{}); len(names) != 1 || names[0] != "picked" {
			t.Errorf("kind %d: events %v", kind, names)
		}
		switch {
		case kind == pickupRepair && s.HP != 90, kind == pickupRapid && s.Power != powerRapid, kind == pickupShield && s.Power != powerShield:
			t.Errorf("kind %d: %+v", kind, s)
		}
		if a.Pickups.Len() != 0 {
			t.Error("it is still there")
		}
	}
	s := place(g, 0, 2000, 1000, 0)
	for range powerTicks + 1 {
		clearRocks(g)
		g.Step()
	}
	if s.Power != powerNone {
		t.Error("power does not end")
	}
}

func TestAPickupNobodyWantsGoesAway(t *testing.T) {
	g := duel(t)
	a := arenaOf(g)
	a.dropPickup(100, 100, g.World().Rand())
	for range pickupTicks {
		g.Step()
	}
	if a.Pickups.Len() != 0 {
		t.Error("it is still there")
	}
}

func TestShipsAreLaunchedApart(t *testing.T) {
	g := newGame(t, 3)
	for seat := range sim.Seat(12) {
		g.Join(sim.PlayerInfo{Seat: seat})
		_, s := ships(g).Owned(seat)
		for id, o := range ships(g).All() {
			if way := length(s.X-o.X, s.Y-o.Y); o != s && way < 100 {
				t.Errorf("seat %d is launched %.0f units from ship %d", seat, way, id)
			}
		}
		if length(s.X-Size/2, s.Y-Size/2) > 900 {
			t.Errorf("seat %d is launched far from the others, at %v,%v", seat, s.X, s.Y)
		}
	}
}
