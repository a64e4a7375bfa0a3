package arena

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata instead of comparing with it")

const goldenFile = "testdata/ships.txt"

// TestGoldenShipsAreTheSameOnEveryMachine compares all ships after 500 ticks of eight
// computer players, bit by bit. The file changes with the rules of the game and with
// nothing else: not with the machine, and not with how the engine lays out its state.
func TestGoldenShipsAreTheSameOnEveryMachine(t *testing.T) {
	g := newGameOfBots(t, 8)
	for range 500 {
		g.Step()
	}
	var text strings.Builder
	for id, s := range ships(g).All() {
		fmt.Fprintf(&text, "%d %q hue %d thrust %v reload %d", id, s.Name, s.Hue, s.Thrust, s.reload)
		for _, f := range []float32{s.X, s.Y, s.Angle, s.VX, s.VY} {
			fmt.Fprintf(&text, " %v=%08x", f, math.Float32bits(f))
		}
		text.WriteByte('\n')
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("ships:\n%swant:\n%s", text.String(), want)
	}
}
