package room

import (
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// herd is a game without owner fields whose players own entities all the same.
type herd struct {
	Sheep  sim.Table[sheep]
	Inputs sim.Inputs[paddle]
}

type sheep struct {
	Wool uint8 `sync:""`
}

func (g *herd) Join(_ *sim.World, p *sim.Player) {
	id, _ := g.Sheep.Spawn()
	g.Sheep.SetOwner(id, p.Seat)
}

func (g *herd) Leave(*sim.World, *sim.Player) {}

// Step hands everything that the first player owns to the second at tick 20.
func (g *herd) Step(w *sim.World) {
	if id, s := g.Sheep.Owned(0); s != nil && w.Tick() == 20 {
		g.Sheep.SetOwner(id, 1)
	}
}

// own returns the ids of the sheep that a tab was told are its own.
func (b *tab) own() (ids []uint32) {
	for g := range b.dec.Groups() {
		ids = append(ids, g.IDs(1)...)
	}
	return ids
}

func TestOwnersKnowTheirEntitiesWithoutOwnerFields(t *testing.T) {
	game := sim.Define[herd](sim.Config{Name: "herd", TickRate: 20, MaxPlayers: 4})
	inBubble(t, Config{Game: game}, func(r *Room) {
		a, b := newTab(t, r, "Ada"), newTab(t, r, "Bob")
		watch(r, 10, a, b)
		if x, y := a.own(), b.own(); len(x) != 1 || len(y) != 1 || x[0] == y[0] {
			t.Fatalf("Ada owns %v and Bob %v, want one each", x, y)
		}
		inside(t, r, func() {
			own := r.pub.groups[sim.Only(a.seat)]
			if n := len(own.stream.Delta(1, &r.pub.prologue)); n > 2 {
				t.Errorf("a tick without news costs the owner %d bytes, want the 2 of an empty group", n)
			}
		})
		watch(r, 20, a, b)
		if x, y := a.own(), b.own(); len(x) != 0 || len(y) != 2 {
			t.Errorf("after the gift Ada owns %v and Bob %v", x, y)
		}
	})
}
