// Command tag is a whole multiplayer game: run, and tag others while you are it.
package main

import (
	"github.com/roomtick/roomtick/server"
	"github.com/roomtick/roomtick/sim"
)

type Dot struct {
	X, Y float32 `sync:"min=0,max=640,step=0.5,lerp"`
	Name string  `sync:"once"`
}

type Keys struct {
	DX, DY int8 `sync:"min=-1,max=1"`
}

type Tag struct {
	Dots sim.Table[Dot]
	Keys sim.Inputs[Keys]
	It   sim.Single[It]
	rest int // ticks until the next tag; stays on the server
}

type It struct {
	Dot sim.ID `sync:""`
}

func (g *Tag) Join(w *sim.World, p *sim.Player) {
	id, d := g.Dots.Spawn()
	g.Dots.SetOwner(id, p.Seat)
	*d = Dot{X: w.Rand().Range(0, 640), Y: w.Rand().Range(0, 640), Name: p.Name}
}

func (g *Tag) Leave(_ *sim.World, p *sim.Player) {
	id, _ := g.Dots.Owned(p.Seat)
	g.Dots.Despawn(id)
}

func (g *Tag) Step(w *sim.World) {
	g.rest--
	it := g.Dots.Get(g.It.Get().Dot)
	for id, d := range g.Dots.All() {
		keys := g.Keys.Of(w.Player(g.Dots.Owner(id)))
		d.X = min(640, max(0, d.X+8*float32(keys.DX)))
		d.Y = min(640, max(0, d.Y+8*float32(keys.DY)))
		if it == nil || it != d && g.rest <= 0 && max(it.X-d.X, d.X-it.X, it.Y-d.Y, d.Y-it.Y) < 20 {
			it, g.It.Get().Dot, g.rest = d, id, 20
		}
	}
}

var game = sim.Define[Tag](sim.Config{Name: "tag"})

func main() { server.Main(game) }
