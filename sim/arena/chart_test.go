package arena

import (
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// TestTheChartMissesNoRockThatIsNear compares it with a look at every rock, around points
// in and outside of the world, while rocks come and go.
func TestTheChartMissesNoRockThatIsNear(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	g := newGame(t, 7)
	a := arenaOf(g)
	found, others := 0, 0
	for range 300 {
		for id := range a.Rocks.All() {
			if rng.IntN(20) == 0 {
				a.Rocks.Despawn(id)
			}
		}
		for range rng.IntN(40) {
			a.spawnRock(rng.Float32()*Size, rng.Float32()*Size, large, g.World().Rand())
		}
		a.survey()
		x, y, reach := rng.Float32()*2*Size-Size/2, rng.Float32()*2*Size-Size/2, rng.Float32()*1500
		near := make(map[sim.ID]bool)
		for id, r := range (nearby{a, x, y, reach}).rocks {
			if near[id] || a.Rocks.Get(id) != r {
				t.Fatalf("rock %d comes twice, or is another", id)
			}
			near[id] = true
		}
		for id, r := range a.Rocks.All() {
			switch is := r.X >= x-reach && r.X <= x+reach && r.Y >= y-reach && r.Y <= y+reach; {
			case is && !near[id]:
				t.Fatalf("a rock at %v, %v is within %v of %v, %v and was missed", r.X, r.Y, reach, x, y)
			case is:
				found++
			case near[id]:
				others++
			}
		}
	}
	if found < 400 || others > 3*found {
		t.Errorf("%d rocks found, and %d that are not near", found, others)
	}
}

func TestARockThatWasShotIsNotNear(t *testing.T) {
	g := newGame(t, 1)
	a := arenaOf(g)
	for id, r := range a.Rocks.All() {
		x, y := r.X, r.Y
		a.Rocks.Despawn(id)
		for other := range (nearby{a, x, y, 10}).rocks {
			if other == id {
				t.Fatalf("rock %d is still near", id)
			}
		}
	}
}

// TestPiecesOfRocksAreChartedBeforeAnybodyLooks holds what a restored match relies on: its
// chart is drawn up from the rocks alone.
func TestPiecesOfRocksAreChartedBeforeAnybodyLooks(t *testing.T) {
	g := newGameOfBots(t, 12)
	a := arenaOf(g)
	pieces := 0
	for range 1500 {
		before := a.Rocks.Len()
		g.Step()
		pieces += max(0, a.Rocks.Len()-before)
		charted := 0
		for range (nearby{a, Size / 2, Size / 2, Size}).rocks {
			charted++
		}
		if charted != a.Rocks.Len() {
			t.Fatalf("tick %d: %d of %d rocks are charted", g.Tick(), charted, a.Rocks.Len())
		}
	}
	if pieces < 20 {
		t.Errorf("%d pieces: too few to show anything", pieces)
	}
}

func TestABeltHasRocksOfAllSizesAndKeepsThem(t *testing.T) {
	g, err := Game.New(1, []byte(`{"rocks":3000}`))
	if err != nil {
		t.Fatal(err)
	}
	a := arenaOf(g)
	var of [large + 1]int
	weight := 0
	for _, r := range a.Rocks.All() {
		of[r.Size]++
		weight += r.weight()
	}
	if of[small] != 1000 || of[medium] != 1000 || of[large] != 1000 {
		t.Errorf("%v rocks by size, want 1000 of each", of)
	}
	for range 1000 {
		g.Step()
	}
	after := 0
	for _, r := range a.Rocks.All() {
		after += r.weight()
	}
	if after != weight {
		t.Errorf("rocks for %d small ones became %d with nobody there", weight, after)
	}
}
