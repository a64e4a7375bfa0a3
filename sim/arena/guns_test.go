package arena

import (
	"strings"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func TestATapFiresOneShotHoweverShort(t *testing.T) {
	g := duel(t)
	shots := 0
	for tick := range 30 {
		in := Input{Fire: tick == 0 || tick == 2} // the second while the gun loads
		shots += strings.Count(strings.Join(press(g, 0, in), " "), "shots")
	}
	if shots != 2 {
		t.Errorf("%d shots of two taps", shots)
	}
}

func TestHoldingTheTriggerFiresAtTheReloadTime(t *testing.T) {
	for power, reload := range map[uint8]int{powerNone: reloadTicks, powerRapid: rapidTicks} {
		g := duel(t)
		_, s := ships(g).Owned(0)
		s.Power, s.powerTicks = power, powerTicks
		shots := 0
		for range 10 * reload {
			shots += strings.Count(strings.Join(press(g, 0, Input{Hold: true}), " "), "shots")
		}
		if shots != 10 {
			t.Errorf("power %d: %d shots in the time of 10", power, shots)
		}
	}
}

func TestAKillCountsAndTheVictimIsBackAfterSixtyTicks(t *testing.T) {
	g := duel(t)
	if playUntil(g, 0, Input{Hold: true}, "kills", 100) == 0 {
		t.Fatal("nobody was killed")
	}
	names := strings.Join(sent(g), " ")
	if !strings.Contains(names, "booms") || !strings.Contains(names, "downs") {
		t.Errorf("events %q", names)
	}
	_, s := ships(g).Owned(0)
	if s.Points != shipPoints {
		t.Errorf("%d points, want %d", s.Points, shipPoints)
	}
	b := arenaOf(g).Board.Get()
	if b.Seats[0] != 0 || b.Points[0] != shipPoints || b.Names[0] != "Ada" || b.Names[1] != "Bo" || b.Seats[2] != sim.NoSeat {
		t.Errorf("the board says %+v", b)
	}
	for tick := 1; tick <= 60; tick++ {
		if id, _ := ships(g).Owned(1); id != 0 {
			t.Fatalf("a new ship %d ticks after", tick)
		}
		g.Step()
	}
	_, victim := ships(g).Owned(1)
	if victim == nil || !victim.Safe || victim.HP != fullHP {
		t.Errorf("60 ticks after: %+v", victim)
	}
}

func TestPointsSurviveTheShip(t *testing.T) {
	g := duel(t)
	arenaOf(g).award(1, 7)
	playUntil(g, 0, Input{Hold: true}, "kills", 100)
	for range 60 {
		g.Step()
	}
	if _, s := ships(g).Owned(1); s == nil || s.Points != 7 {
		t.Errorf("after the respawn: %+v, want 7 points", s)
	}
}

func TestASafeShipIsNotHurtUntilItFiresOrTwoSecondsAreOver(t *testing.T) {
	g := duel(t)
	_, target := ships(g).Owned(1)
	target.Safe, target.safeTicks = true, safeTicks
	for range safeTicks - 1 {
		press(g, 0, Input{Hold: true})
	}
	if !target.Safe || target.HP != fullHP {
		t.Errorf("while safe: %+v", target)
	}
	for range 20 {
		press(g, 0, Input{Hold: true})
	}
	if target.Safe || target.HP == fullHP {
		t.Errorf("afterwards: %+v", target)
	}
	target.Safe, target.safeTicks = true, safeTicks
	press(g, 1, Input{Fire: true})
	if target.Safe {
		t.Error("still safe after firing")
	}
}

func TestAShieldLetsAThirdThrough(t *testing.T) {
	g := duel(t)
	_, target := ships(g).Owned(1)
	target.Power, target.powerTicks = powerShield, powerTicks
	playUntil(g, 0, Input{Hold: true}, "booms", 100)
	if target.HP != fullHP-bulletDamage/3 {
		t.Errorf("%d hp after a hit", target.HP)
	}
}

func TestABulletDoesNotSkipAShipThatItPassesWithinATick(t *testing.T) {
	for start := float32(100); start < 300; start += 3.7 {
		g := duel(t)
		place(g, 1, 2000+start, 2000, 0).VX = -maxSpeed
		if playUntil(g, 0, Input{Fire: true}, "booms", 20) == 0 {
			t.Errorf("the bullet passed a ship that came from %v units away", start)
		}
	}
}

func TestABulletHitsWhatItTouchesFirst(t *testing.T) {
	for behind := float32(-30); behind < 30; behind += 1.3 {
		g := duel(t)
		rock, r := arenaOf(g).Rocks.Spawn()
		*r = Rock{X: 2200 + behind, Y: 2000, Size: small}
		rockFirst := behind < r.radius()-shipRadius
		for tick := range 20 {
			press(g, 0, Input{Fire: tick == 0})
		}
		_, s := ships(g).Owned(1)
		hitRock := arenaOf(g).Rocks.Get(rock) == nil
		if hitRock != rockFirst || (s.HP < fullHP) == rockFirst {
			t.Errorf("a rock %v behind the ship: rock hit %v, %d hp", behind, hitRock, s.HP)
		}
	}
}
