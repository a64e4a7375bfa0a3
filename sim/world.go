package sim

import "iter"

// World is the running game seen from its own code. It belongs to the goroutine that
// runs the game.
type World struct {
	cfg     *Config
	grid    *grid
	tick    uint32
	dt      float32
	rand    Rand
	players []*Player // by seat; nil if empty
	out     outbox
	past    rewinding
	ended   bool
	result  result
	door    door
}

func newWorld(cfg *Config, seed uint64) *World {
	return &World{cfg: cfg, grid: newGrid(cfg), dt: 1 / float32(cfg.TickRate), rand: NewRand(seed)}
}

// Tick is the tick being simulated, from 1; between two ticks the last one simulated.
// It may wrap around.
func (w *World) Tick() uint32 { return w.tick }

// DT is the length of a tick in seconds: 1 / TickRate, the same every tick.
func (w *World) DT() float32 { return w.dt }

// Env is what movement functions are given this tick.
func (w *World) Env() Env { return Env{DT: w.dt, Tick: w.tick} }

// Rand is the game's random number generator.
func (w *World) Rand() *Rand { return &w.rand }

// Players yields the seated players in seat order.
func (w *World) Players() iter.Seq[*Player] {
	return func(yield func(*Player) bool) {
		for _, p := range w.players {
			if p != nil && !yield(p) {
				return
			}
		}
	}
}

// Player returns who has a seat, or nil.
func (w *World) Player(s Seat) *Player {
	if int(s) >= len(w.players) {
		return nil
	}
	return w.players[s]
}

// CellAt is the group of the cell of the grid at a position in world units, for events
// that happen there; Everyone without a grid.
func (w *World) CellAt(x, y float32) Group {
	if w.grid.size == 0 {
		return Everyone
	}
	return w.grid.groupOf(Everyone, x, y, 0)
}

// Kick makes the room remove a player after this tick, with a reason that the player is
// shown.
func (w *World) Kick(p *Player, reason string) {
	w.out.open()
	w.out.kicks = append(w.out.kicks, Kick{Seat: p.Seat, Reason: reason})
}

// End makes this tick the room's last, without a result; see Finish.
func (w *World) End() { w.ended = true }

// seat puts p into its place.
func (w *World) seat(p *Player) {
	p.grid = w.grid
	for len(w.players) <= int(p.Seat) {
		w.players = append(w.players, nil)
	}
	w.players[p.Seat] = p
}
