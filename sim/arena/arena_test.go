package arena

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/roomtick/roomtick/schema/bits"
	"github.com/roomtick/roomtick/sim"
)

func newGame(t testing.TB, seed uint64) *sim.Instance {
	t.Helper()
	g, err := Game.New(seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func newGameOfBots(t testing.TB, bots int) *sim.Instance {
	t.Helper()
	g := newGame(t, 1)
	for i := range bots {
		g.Join(sim.PlayerInfo{Seat: sim.Seat(i), Name: fmt.Sprintf("bot %d", i), Bot: true})
	}
	return g
}

func arenaOf(g *sim.Instance) *Arena { return g.Game().(*Arena) }

func ships(g *sim.Instance) *sim.Table[Ship] { return &arenaOf(g).Ships }

// payload is an input as it comes from the wire.
func payload(in Input) []byte {
	var w bits.Writer
	w.Bits(uint32(uint8(in.Turn)), 8)
	w.Bool(in.Thrust)
	w.Bool(in.Fire)
	w.Bool(in.Hold)
	return w.Bytes()
}

func randomInput(rng *rand.Rand) Input {
	return Input{
		Turn: int8(rng.IntN(3) - 1), Thrust: rng.IntN(3) > 0,
		Fire: rng.IntN(5) == 0, Hold: rng.IntN(3) == 0,
	}
}

// turn plays one tick with random inputs for some of the seats, and now and then a
// join, a leave or a line of chat.
func turn(g *sim.Instance, rng *rand.Rand) {
	seat := sim.Seat(rng.IntN(12))
	if rng.IntN(20) == 0 {
		if g.World().Player(seat) == nil {
			g.Join(sim.PlayerInfo{Seat: seat, Name: "Ada", Bot: rng.IntN(2) == 0})
		} else {
			g.Leave(seat)
		}
	}
	if rng.IntN(10) == 0 {
		say(g, seat, "hi")
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
		for range 50 + rng.IntN(400) {
			turn(a, rng)
		}
		b, err := Game.Restore(a.Checkpoint(nil))
		if err != nil {
			t.Fatalf("seed %d, tick %d: %v", seed, a.Tick(), err)
		}
		inA, inB := rand.New(rand.NewPCG(seed, 3)), rand.New(rand.NewPCG(seed, 3))
		for range 400 {
			turn(a, inA)
			turn(b, inB)
			if a.Hash() != b.Hash() {
				t.Fatalf("seed %d: the restored game differs at tick %d", seed, a.Tick())
			}
		}
	}
}

func TestAShipLeavesWithItsPlayerAndItsBullets(t *testing.T) {
	g := duel(t)
	press(g, 0, Input{Fire: true})
	g.Leave(0)
	g.Step()
	if got := ships(g).Len(); got != 1 {
		t.Errorf("%d ships, want 1", got)
	}
	if id, _ := ships(g).Owned(0); id != 0 {
		t.Error("the ship of the player who left is still there")
	}
	if n := arenaOf(g).Bullets.Len(); n != 0 {
		t.Errorf("%d bullets of a player who is gone", n)
	}
}

func TestATickAllocatesNothing(t *testing.T) {
	g := newGameOfBots(t, 20)
	for range 2000 {
		g.Step()
	}
	if n := testing.AllocsPerRun(500, g.Step); n > 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

func TestEveryFileCanBeReadInOneGo(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")); lines >= 200 {
			t.Errorf("%s has %d lines", file, lines)
		}
	}
}
