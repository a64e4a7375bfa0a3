package arena

import (
	"testing"

	"github.com/roomtick/roomtick/schema/bits"
	"github.com/roomtick/roomtick/sim"
)

// duel is a game without rocks: seat 0, "Ada", looks along +x at seat 1, "Bo", 200 units
// away. Both can be hurt.
func duel(t *testing.T) *sim.Instance {
	t.Helper()
	g := newGame(t, 1)
	clearRocks(g)
	g.Join(sim.PlayerInfo{Seat: 0, Name: "Ada"})
	g.Join(sim.PlayerInfo{Seat: 1, Name: "Bo"})
	place(g, 0, 2000, 2000, 0)
	place(g, 1, 2200, 2000, 0)
	return g
}

func clearRocks(g *sim.Instance) {
	a := arenaOf(g)
	for id := range a.Rocks.All() {
		a.Rocks.Despawn(id)
	}
}

func place(g *sim.Instance, seat sim.Seat, x, y, angle float32) *Ship {
	_, s := ships(g).Owned(seat)
	s.X, s.Y, s.Angle, s.Safe, s.VX, s.VY = x, y, angle, false, 0, 0
	return s
}

// press plays a tick with an input of a seat, and returns the types of the events sent.
func press(g *sim.Instance, seat sim.Seat, in Input) []string {
	g.ApplyInput(seat, payload(in))
	g.Step()
	return sent(g)
}

func sent(g *sim.Instance) (names []string) {
	for _, e := range g.Events() {
		names = append(names, Game.Descriptor().Events[e.Type].Name)
	}
	return names
}

// playUntil plays until an event was sent, with no input but that of a seat, and returns
// the ticks it took: 0 if it did not come.
func playUntil(g *sim.Instance, seat sim.Seat, in Input, event string, ticks int) int {
	for n := range ticks {
		clearRocks(g)
		for _, name := range press(g, seat, in) {
			if name == event {
				return n + 1
			}
		}
	}
	return 0
}

func say(g *sim.Instance, seat sim.Seat, text string) {
	var w bits.Writer
	w.Bits(uint32(len(text)), 16)
	for _, b := range []byte(text) {
		w.Bits(uint32(b), 8)
	}
	for typ, e := range Game.Descriptor().Events {
		if e.Name == "say" {
			g.ClientEvent(seat, uint32(typ), w.Bytes())
		}
	}
}
