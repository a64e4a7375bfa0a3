package arena

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema/bits"
	"github.com/roomtick/roomtick/sim"
)

func newGame(t *testing.T, seed uint64) *sim.Instance {
	t.Helper()
	g, err := Game.New(seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func newGameOfBots(t *testing.T, bots int) *sim.Instance {
	t.Helper()
	g := newGame(t, 1)
	for i := range bots {
		g.Join(sim.PlayerInfo{Seat: sim.Seat(i), Name: fmt.Sprintf("bot %d", i), Bot: true})
	}
	return g
}

func ships(g *sim.Instance) *sim.Table[Ship] { return &g.Game().(*Arena).Ships }

// payload is an input as it comes from the wire.
func payload(in Input) []byte {
	var w bits.Writer
	w.Bits(uint32(uint8(in.Turn)), 8)
	w.Bool(in.Thrust)
	w.Bool(in.Fire)
	return w.Bytes()
}

func randomInput(rng *rand.Rand) Input {
	return Input{Turn: int8(rng.IntN(3) - 1), Thrust: rng.IntN(3) > 0, Fire: rng.IntN(5) == 0}
}

// turn plays one tick with random inputs for some of the seats, and now and then a
// join or a leave.
func turn(g *sim.Instance, rng *rand.Rand) {
	seat := sim.Seat(rng.IntN(12))
	if rng.IntN(20) == 0 {
		if g.World().Player(seat) == nil {
			g.Join(sim.PlayerInfo{Seat: seat, Name: "Ada", Bot: rng.IntN(2) == 0})
		} else {
			g.Leave(seat)
		}
	}
	for p := range g.World().Players() {
		if !p.Bot && rng.IntN(4) > 0 {
			g.ApplyInput(p.Seat, payload(randomInput(rng)))
		}
	}
	g.Step()
}

func TestTheGameIsRegisteredWithoutMistakes(t *testing.T) {
	if err := Game.Err(); err != nil {
		t.Fatal(err)
	}
	if !Game.HasBrain() {
		t.Error("computer players cannot play it")
	}
	if err := Game.CheckInput(payload(Input{Turn: -1, Fire: true})); err != nil {
		t.Errorf("a legal input is refused: %v", err)
	}
}

func TestTheSameSeedAndInputsGiveTheSameGame(t *testing.T) {
	for seed := range uint64(5) {
		a, b := newGame(t, seed), newGame(t, seed)
		inA, inB := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 1))
		for range 400 {
			turn(a, inA)
			turn(b, inB)
			if a.Hash() != b.Hash() {
				t.Fatalf("seed %d: the games differ at tick %d", seed, a.Tick())
			}
		}
	}
}

func TestARestoredGameGoesOnAlike(t *testing.T) {
	for seed := range uint64(5) {
		a := newGame(t, seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		for range 50 + rng.IntN(200) {
			turn(a, rng)
		}
		b, err := Game.Restore(a.Checkpoint(nil))
		if err != nil {
			t.Fatalf("seed %d, tick %d: %v", seed, a.Tick(), err)
		}
		inA, inB := rand.New(rand.NewPCG(seed, 3)), rand.New(rand.NewPCG(seed, 3))
		for range 200 {
			turn(a, inA)
			turn(b, inB)
			if a.Hash() != b.Hash() {
				t.Fatalf("seed %d: the restored game differs at tick %d", seed, a.Tick())
			}
		}
	}
}

func TestPlayersStartApartAndWithinSight(t *testing.T) {
	type point struct{ x, y float32 }
	var all []point
	for seat := range sim.Seat(Game.Config().MaxPlayers) {
		x, y := spawnPoint(seat)
		for _, o := range all {
			if dx, dy := x-o.x, y-o.y; dx*dx+dy*dy < 80*80 {
				t.Errorf("seat %d starts at %v,%v, next to %v", seat, x, y, o)
			}
		}
		if seat < 12 && (x < Size/2-800 || x > Size/2+800 || y < Size/2-450 || y > Size/2+450) {
			t.Errorf("seat %d starts off the screen at %v,%v", seat, x, y)
		}
		all = append(all, point{x, y})
	}
}

func TestAShipLeavesWithItsPlayer(t *testing.T) {
	g := newGameOfBots(t, 3)
	g.Leave(1)
	g.Step()
	if got := ships(g).Len(); got != 2 {
		t.Errorf("%d ships, want 2", got)
	}
	if id, _ := ships(g).Owned(1); id != 0 {
		t.Error("the ship of the player who left is still there")
	}
}

func TestFiringSendsOneShotUntilReloaded(t *testing.T) {
	g := newGame(t, 1)
	g.Join(sim.PlayerInfo{Seat: 0, Name: "Ada"})
	shots := 0
	for range 3 * (reloadTicks + 1) {
		g.ApplyInput(0, payload(Input{Fire: true}))
		g.Step()
		shots += len(g.Events())
	}
	if shots != 3 {
		t.Errorf("%d shots, want 3", shots)
	}
}
