// Package wander is a game to measure with: things that wander about for ever, so that
// in every tick the position and the bearing of each take another quantised value. What
// a tick costs to encode, send and decode then depends on nothing but how many there are
// and who sees them.
//
// Each mover gets a fresh random acceleration and a fresh random turn a tick, and a new
// hp in 2 % of the ticks. Nothing of it can be predicted but the speed it has: the bits
// of that randomness, counted by Innovations, are the least that a stream can take.
//
// wander.go is the game and the order of a tick, mover.go how a mover moves, variants.go
// the rooms it is played in, toil.go a room that is busy with something else.
package wander

import "github.com/roomtick/roomtick/sim"

// Wander is the state of one room whose size and audience R gives.
type Wander[R rules] struct {
	Movers sim.Table[Mover]
	Inputs sim.Inputs[Input]

	places []sim.ID // by seat: the mover a player has, or watches
}

// Input is what a player asks for in one tick: a push on its own mover, a tenth of the
// random ones, so that inputs are read and used and change nothing that is measured.
type Input struct {
	X, Y int8 `sync:"min=-1,max=1"`
}

// Create spawns the movers that belong to nobody.
func (g *Wander[R]) Create(w *sim.World, _ []byte) error {
	var r R
	for range r.room().herd {
		g.spawn(w)
	}
	return nil
}

// Join gives a player a mover of its own, or one of the herd to watch.
func (g *Wander[R]) Join(w *sim.World, p *sim.Player) {
	var r R
	if n := int(p.Seat) + 1; n > len(g.places) {
		g.places = append(g.places, make([]sim.ID, n-len(g.places))...)
	}
	if herd := r.room().herd; herd > 0 {
		g.places[p.Seat] = g.nth(int(p.Seat) % herd)
	} else {
		id := g.spawn(w)
		g.Movers.SetOwner(id, p.Seat)
		g.places[p.Seat] = id
	}
	g.look(p)
}

// Leave takes a player's own mover away.
func (g *Wander[R]) Leave(_ *sim.World, p *sim.Player) {
	if id := g.places[p.Seat]; g.Movers.Owner(id) == p.Seat {
		g.Movers.Despawn(id)
	}
	g.places[p.Seat] = 0
}

// Step moves everything and turns every player's eyes after its mover.
func (g *Wander[R]) Step(w *sim.World) {
	var r R
	room := r.room()
	for id, m := range g.Movers.All() {
		m.move(w.Rand(), g.push(w, id), room.side, w.DT())
		if room.grid {
			g.Movers.MoveTo(id, m.X, m.Y)
		}
	}
	if room.grid {
		for p := range w.Players() {
			g.look(p)
		}
	}
}

// push is what the owner of a mover asks for; zero for one of the herd.
func (g *Wander[R]) push(w *sim.World, id sim.ID) Input {
	if p := w.Player(g.Movers.Owner(id)); p != nil {
		return g.Inputs.Of(p)
	}
	return Input{}
}

func (g *Wander[R]) spawn(w *sim.World) sim.ID {
	var r R
	room := r.room()
	id, m := g.Movers.Spawn()
	m.X, m.Y = w.Rand().Range(0, room.side), w.Rand().Range(0, room.side)
	m.Angle = w.Rand().Range(0, fullTurn)
	m.HP = fullHP
	if room.grid {
		g.Movers.MoveTo(id, m.X, m.Y)
	}
	return id
}

// nth finds a mover of the herd by its number; the herd neither grows nor shrinks.
func (g *Wander[R]) nth(n int) sim.ID {
	for id := range g.Movers.All() {
		if n == 0 {
			return id
		}
		n--
	}
	return 0
}

// look centres a player's area of interest on its mover, but keeps it inside the world,
// so that a player at the edge sees as many others as one in the middle.
func (g *Wander[R]) look(p *sim.Player) {
	var r R
	room := r.room()
	m := g.Movers.Get(g.places[p.Seat])
	if !room.grid || m == nil {
		return
	}
	low, high := float32(view)/2, room.side-view/2
	p.Look(min(max(m.X, low), high), min(max(m.Y, low), high))
}
