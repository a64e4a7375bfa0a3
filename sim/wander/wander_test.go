package wander

import (
	"math"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func start(t *testing.T, name string, players int) *sim.Instance {
	t.Helper()
	g, err := Game(name).New(7, nil)
	if err != nil {
		t.Fatal(err)
	}
	for seat := range players {
		g.Join(sim.PlayerInfo{Seat: sim.Seat(seat)})
	}
	return g
}

func TestEveryGameIsDefinedWithoutMistakesAndCanBeFound(t *testing.T) {
	for _, g := range Games() {
		if err := g.Err(); err != nil {
			t.Error(err)
		}
		if Game(g.Name()) == nil {
			t.Errorf("%s is not found by its name", g.Name())
		}
	}
	if Game("chess") != nil {
		t.Error("a game that is not there was found")
	}
}

// TestEveryMoverTakesAnotherQuantisedValueNearlyEveryTick is what makes this a load to
// count bytes with: an entity in view is an update.
func TestEveryMoverTakesAnotherQuantisedValueNearlyEveryTick(t *testing.T) {
	g := start(t, "wander", 50)
	w := g.Game().(*Wander[ships])
	type wire struct{ x, y, angle int }
	read := func(m *Mover) wire {
		return wire{steps(m.X, grid), steps(m.Y, grid), steps(m.Angle, fullTurn/angles)}
	}
	same, hurts, total := wire{}, 0, 0
	for range 400 {
		before := map[sim.ID]wire{}
		for id, m := range w.Movers.All() {
			before[id] = read(m)
		}
		g.Step()
		for id, m := range w.Movers.All() {
			now, was := read(m), before[id]
			total++
			if now.x == was.x {
				same.x++
			}
			if now.y == was.y {
				same.y++
			}
			if now.angle == was.angle {
				same.angle++
			}
			if m.hit {
				hurts++
			}
			if m.X < 0 || m.X > side || m.Y < 0 || m.Y > side {
				t.Fatalf("a mover left the world: %v, %v", m.X, m.Y)
			}
		}
	}
	for what, n := range map[string]int{"x": same.x, "y": same.y, "angle": same.angle} {
		if share := float64(n) / float64(total); share > 0.03 {
			t.Errorf("%s stayed in %.1f %% of the ticks", what, 100*share)
		}
	}
	if share := float64(hurts) / float64(total); math.Abs(share-0.02) > 0.004 {
		t.Errorf("hp was new in %.2f %% of the ticks, want 2", 100*share)
	}
}

func TestPlayersOfAGridSeeAboutFiftyMovers(t *testing.T) {
	for name, players := range map[string]int{"wander-near-200": 200, "wander-near-1000": 1000, "wander-near-2000": 2000} {
		g := start(t, name, players)
		for range 40 {
			g.Step()
		}
		counts := map[sim.Group]int{}
		store := g.Store(0)
		for slot := range uint32(store.Cap()) {
			if e := store.At(slot); e.Live {
				counts[e.Group]++
			}
		}
		seen := 0
		for seat := range players {
			for _, sight := range g.Visible(sim.Seat(seat), nil) {
				seen += counts[sight.Group]
			}
		}
		if mean := float64(seen) / float64(players); mean < 40 || mean > 60 {
			t.Errorf("%s: a player sees %.1f movers", name, mean)
		}
	}
}

func TestAHerdIsThereBeforeAnyPlayerAndStaysWhenTheyLeave(t *testing.T) {
	g := start(t, "wander-herd-1000", 3)
	w := g.Game().(*Wander[herd1000])
	g.Step()
	g.Leave(1)
	if n := w.Movers.Len(); n != 1000 {
		t.Errorf("%d movers, want 1000", n)
	}
}

func TestAShipLeavesWithItsPlayer(t *testing.T) {
	g := start(t, "wander", 3)
	g.Leave(1)
	if n := g.Game().(*Wander[ships]).Movers.Len(); n != 2 {
		t.Errorf("%d movers, want 2", n)
	}
}

func TestInnovationsAreWhatNobodyCouldForesee(t *testing.T) {
	g := start(t, "wander", 50)
	n, hp := 0, 0
	for range 100 {
		g.Step()
		for in := range Innovations(g.Game()) {
			n++
			if in[0] < -20 || in[0] > 20 || in[1] < -20 || in[1] > 20 || in[2] < -25 || in[2] > 25 {
				t.Fatalf("innovation %v is more than a push or a turn", in)
			}
			if in[3] != 0 {
				hp++
			}
		}
	}
	if n != 5000 || hp == 0 {
		t.Errorf("%d innovations, %d with hp", n, hp)
	}
}

func TestToilWorksAsMuchAsItsPlayersAskFor(t *testing.T) {
	g := start(t, "toil", 2)
	toil := g.Game().(*Toil)
	g.ApplyInput(0, []byte{100, 0, 0, 0})
	g.ApplyInput(1, []byte{20, 0, 0, 0})
	g.Step()
	if want := Burn(0, 120); toil.state != want {
		t.Errorf("worked to %08x, want %08x", toil.state, want)
	}
}

func TestTheSameSeedGivesTheSameWandering(t *testing.T) {
	a, b := start(t, "wander", 10), start(t, "wander", 10)
	for range 50 {
		a.Step()
		b.Step()
	}
	if a.Hash() != b.Hash() {
		t.Error("two runs of one seed differ")
	}
}

func TestACheckpointKeepsWhoHasWhichMover(t *testing.T) {
	for _, name := range []string{"wander", "wander-herd", "wander-near-200"} {
		a := start(t, name, 5)
		a.Leave(2)
		a.Step()
		b, err := Game(name).Restore(a.Checkpoint(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []*sim.Instance{a, b} {
			in.Leave(4)
			in.Step()
		}
		if a.Hash() != b.Hash() {
			t.Errorf("%s goes on otherwise once it was restored", name)
		}
	}
}
