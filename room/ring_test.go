package room

import (
	"fmt"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// plaza is a game whose players all stand around one place in a large field of markers.
type plaza struct {
	Markers sim.Table[marker]
	In      sim.Inputs[struct{}]
}

type marker struct {
	X, Y  float32 `sync:"min=-1000,max=1000,step=0.1"`
	drift float32
}

var plazaGame = sim.Define[plaza](sim.Config{
	Name: "plaza", TickRate: 20, MaxPlayers: 20,
	CellSize: 100, ViewWidth: 300, ViewHeight: 300, RingWidth: 200,
})

func (g *plaza) Create(w *sim.World, _ []byte) error {
	for range 1000 {
		id, m := g.Markers.Spawn()
		m.X, m.Y, m.drift = w.Rand().Range(-1000, 1000), w.Rand().Range(-1000, 1000), w.Rand().Range(-1, 1)
		g.Markers.MoveTo(id, m.X, m.Y)
	}
	return nil
}

func (g *plaza) Join(_ *sim.World, p *sim.Player) { p.Look(float32(p.Seat), 0) }
func (*plaza) Leave(*sim.World, *sim.Player)      {}

func (g *plaza) Step(w *sim.World) {
	for id, m := range g.Markers.All() {
		m.drift += w.Rand().Range(-0.1, 0.1)
		m.X = min(1000, max(-1000, m.X+m.drift))
		g.Markers.MoveTo(id, m.X, m.Y)
	}
}

// Far cells cost half and a quarter of the deltas, and all who see a cell at a rate share
// them: many players cost no more encodings than one.
func TestFarCellsComeSeldomAndAreShared(t *testing.T) {
	count := func(players int) (deltas, encodings int64) {
		var jumps int64
		stats := new(Stats)
		inBubble(t, Config{Game: plazaGame, Stats: stats}, func(r *Room) {
			var tabs []*tab
			for n := range players {
				tabs = append(tabs, newTab(t, r, fmt.Sprint("player ", n)))
			}
			for n := range 140 {
				if n == 60 { // everybody has everything
					deltas, encodings = -stats.Steps.Load()-stats.Spans.Load(), -stats.Encodings.Load()
					jumps = stats.Jumps.Load()
				}
				ticks(r, 1)
				for _, b := range tabs {
					b.read()
					compare(t, r, b)
					b.ack()
				}
			}
			deltas += stats.Steps.Load() + stats.Spans.Load()
			if n := stats.Jumps.Load(); n > jumps+3*int64(players) { // a cell that was empty begins out of turn
				t.Errorf("%d jumps among players who miss nothing", n-jumps)
			}
			checkRates(t, r)
		})
		return deltas, encodings + stats.Encodings.Load()
	}
	oneDeltas, one := count(1)
	manyDeltas, many := count(10)
	if one == 0 || float64(many) > 1.05*float64(one) {
		t.Errorf("ten players cost %d encodings, one costs %d", many, one)
	}
	if manyDeltas < 9*oneDeltas {
		t.Errorf("ten players got %d deltas, one gets %d", manyDeltas, oneDeltas)
	}
}

// checkRates compares what a player is sent in 4 send ticks with the rates of what it
// sees: there must be cells of every rate.
func checkRates(t *testing.T, r *Room) {
	t.Helper()
	var cells [5]int
	for i, every := range r.seats[0].held.every {
		if r.seats[0].held.list[i].key.Kind() == sim.KindCell {
			cells[every]++
		}
	}
	if cells[1] == 0 || cells[2] == 0 || cells[4] == 0 || cells[3] != 0 {
		t.Errorf("cells by rate: %v", cells)
	}
}
