package sim_test

import (
	"fmt"

	"github.com/roomtick/roomtick/sim"
)

type Runner struct {
	X, Y float32 `sync:"min=0,max=1000,step=0.1,lerp"`
	HP   uint8   `sync:""`
}

type Gun struct {
	X, Y float32 `sync:"min=0,max=1000,step=0.1"` // where the player aims
	Fire bool    `sync:"edge"`
}

type Range struct {
	Runners sim.Table[Runner]
	Guns    sim.Inputs[Gun]
}

func (g *Range) Join(_ *sim.World, p *sim.Player) {
	id, r := g.Runners.Spawn()
	g.Runners.SetOwner(id, p.Seat)
	*r = Runner{X: 100 * float32(p.Seat), Y: 500, HP: 100}
}

func (g *Range) Leave(_ *sim.World, p *sim.Player) {
	id, _ := g.Runners.Owned(p.Seat)
	g.Runners.Despawn(id)
}

func (g *Range) Step(w *sim.World) {
	for p := range w.Players() {
		if gun := g.Guns.Of(p); gun.Fire {
			g.shoot(w, p, gun)
		}
	}
}

// shoot hits whom the player saw where it aims, wherever they have run to since. What is
// hit are the runners of now: those of the past are copies.
func (g *Range) shoot(w *sim.World, p *sim.Player, gun Gun) {
	for id, seen := range g.Runners.AllIn(w.Rewind(p.Seat)) {
		dx, dy := seen.X-gun.X, seen.Y-gun.Y
		if r := g.Runners.Get(id); dx*dx+dy*dy < 10*10 && g.Runners.Owner(id) != p.Seat {
			r.HP -= min(r.HP, 30)
		}
	}
}

// A weapon that hits at once asks who was where when the player fired.
func ExampleWorld_Rewind() {
	game, err := sim.Define[Range](sim.Config{Name: "range"}).New(1, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	game.Join(sim.PlayerInfo{Seat: 0, Name: "Ada"})
	game.Join(sim.PlayerInfo{Seat: 1, Name: "Grace"})
	game.SetInput(0, Gun{X: 104, Y: 497, Fire: true}) // without a room the past is the present
	game.Step()
	_, grace := game.Game().(*Range).Runners.Owned(1)
	fmt.Println("Grace has", grace.HP)
	// Output: Grace has 70
}
