// Package arena is the game of the demo, and the example to copy: ships with thrust
// and inertia in a world larger than the screen. arena.go is the game, ship.go how a
// ship moves, brain.go how a computer player flies one.
package arena

import "github.com/roomtick/roomtick/sim"

// Size is the width and the height of the world, in units. A page shows about
// 1600 by 900 of them.
const Size = 8000

// reloadTicks lie between two shots of a ship: 0.4 s.
const reloadTicks = 8

// Game is the arena, ready to be served or flown by bots.
var Game = sim.Define[Arena](sim.Config{
	Name:       "arena",
	TickRate:   20,
	MaxPlayers: 100,
})

// Arena is the state of one room. Everybody sees every ship.
type Arena struct {
	Ships  sim.Table[Ship]
	Inputs sim.Inputs[Input]
	Shots  sim.Event[Shot] `sync:"timed"` // drawn at the tick it happened
}

// Input is what a player asks for in one tick.
type Input struct {
	Turn   int8 `sync:"min=-1,max=1"` // -1 left, 1 right
	Thrust bool
	Fire   bool `sync:"edge"` // true in the tick the key went down
}

// Shot is a flash of light from the bow of a ship. It harms nobody yet.
type Shot struct {
	X, Y  float32 `sync:"min=0,max=8000,step=0.5"`
	Angle float32 `sync:"angle,bits=8"`
}

// Join gives a player a ship.
func (a *Arena) Join(w *sim.World, p *sim.Player) {
	id, s := a.Ships.Spawn()
	a.Ships.SetOwner(id, p.Seat)
	s.X, s.Y = spawnPoint(p.Seat)
	s.Angle = w.Rand().Range(0, fullTurn)
	s.Hue = uint8(w.Rand().IntN(256))
	s.Name = p.Name
}

// Leave takes the ship of a player out of the world.
func (a *Arena) Leave(_ *sim.World, p *sim.Player) {
	id, _ := a.Ships.Owned(p.Seat)
	a.Ships.Despawn(id)
}

// Step moves every ship by its player's input and lets those that may fire.
func (a *Arena) Step(w *sim.World) {
	env := w.Env()
	for id, s := range a.Ships.All() {
		p := w.Player(a.Ships.Owner(id))
		if p == nil {
			continue
		}
		in := a.Inputs.Of(p)
		Move(s, in, env)
		a.fire(s, in)
	}
}

func (a *Arena) fire(s *Ship, in Input) {
	if s.reload > 0 {
		s.reload--
		return
	}
	if in.Fire {
		s.reload = reloadTicks
		a.Shots.Send(sim.Everyone, Shot{X: s.X, Y: s.Y, Angle: s.Angle})
	}
}

// spawnPoint lays the seats out on a sunflower spiral around the centre: any two are
// at least 80 units apart, and the first dozen fit on one screen.
func spawnPoint(seat sim.Seat) (x, y float32) {
	const (
		spacing     = 90
		goldenAngle = 2.3999632
	)
	n := float32(seat)
	r := spacing * sim.Sqrt(n+1)
	a := n * goldenAngle
	return Size/2 + float32(r*sim.Cos(a)), Size/2 + float32(r*sim.Sin(a))
}
