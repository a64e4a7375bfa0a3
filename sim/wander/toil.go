package wander

import "github.com/roomtick/roomtick/sim"

// Toil is a room that wanders like the others and then works for a while, as a game with
// physics would: as many rounds as its players ask for together. It shows how late ticks
// get when the machine is busy.
type Toil struct {
	Movers sim.Table[Mover]
	Inputs sim.Inputs[Work]

	state uint32 // what the work gave, so that it cannot be left out
}

// Work is what a player asks for.
type Work struct {
	Rounds uint32 // of Burn, in this tick
}

// maxRounds bounds a tick's work: some 40 ms, so that no client can stop a room.
const maxRounds = 20_000_000

// Join gives a player a mover.
func (g *Toil) Join(w *sim.World, p *sim.Player) {
	id, m := g.Movers.Spawn()
	g.Movers.SetOwner(id, p.Seat)
	m.X, m.Y, m.HP = w.Rand().Range(0, side), w.Rand().Range(0, side), fullHP
}

// Leave takes it away.
func (g *Toil) Leave(_ *sim.World, p *sim.Player) {
	id, _ := g.Movers.Owned(p.Seat)
	g.Movers.Despawn(id)
}

// Step moves and works.
func (g *Toil) Step(w *sim.World) {
	for _, m := range g.Movers.All() {
		m.move(w.Rand(), Input{}, side, w.DT())
	}
	var rounds uint64
	for p := range w.Players() {
		rounds += uint64(g.Inputs.Of(p).Rounds)
	}
	g.state = Burn(g.state, uint32(min(rounds, maxRounds)))
}

// Burn computes for a time that grows with rounds, about two nanoseconds each, and
// returns what came out.
func Burn(state, rounds uint32) uint32 {
	for range rounds {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		state += 0x9E3779B9
	}
	return state
}
