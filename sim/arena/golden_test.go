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

// golden compares text with a file of testdata, or writes it.
func golden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text == string(want) {
		return
	}
	got := strings.Split(text, "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("%s, line %d: want %s\nhave %s", file, i+1, line, strings.Join(got[min(i, len(got)):min(i+1, len(got))], ""))
		}
	}
	t.Fatalf("%s is shorter than what there is now", file)
}

// TestGoldenShipsAreTheSameOnEveryMachine compares everything that moves after 1,000
// ticks of eight computer players, bit by bit. The file changes with the rules of the
// game and with nothing else: not with the machine, and not with how the engine lays out
// its state.
func TestGoldenShipsAreTheSameOnEveryMachine(t *testing.T) {
	g := newGameOfBots(t, 8)
	for range 1000 {
		g.Step()
	}
	a := arenaOf(g)
	var text strings.Builder
	line := func(floats []float32, format string, args ...any) {
		fmt.Fprintf(&text, format, args...)
		for _, f := range floats {
			fmt.Fprintf(&text, " %v=%08x", f, math.Float32bits(f))
		}
		text.WriteByte('\n')
	}
	for id, s := range a.Ships.All() {
		line([]float32{s.X, s.Y, s.Angle, s.VX, s.VY}, "ship %d %q hue %d thrust %v hp %d power %d points %d reload %d",
			id, s.Name, s.Hue, s.Thrust, s.HP, s.Power, s.Points, s.Reload)
	}
	for id, b := range a.Bullets.All() {
		line([]float32{b.X, b.Y, b.vx, b.vy}, "bullet %d seat %d left %d", id, b.Seat, b.left)
	}
	for id, r := range a.Rocks.All() {
		line([]float32{r.X, r.Y, r.vx, r.vy}, "rock %d size %d", id, r.Size)
	}
	for id, u := range a.Pickups.All() {
		line([]float32{u.X, u.Y}, "pick-up %d kind %d left %d", id, u.Kind, u.left)
	}
	golden(t, "testdata/ships.txt", text.String())
}
