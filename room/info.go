package room

import (
	"strconv"
	"sync/atomic"

	"github.com/roomtick/roomtick/sim"
)

// counters is what other goroutines may know of a room.
type counters struct {
	tick    atomic.Uint32
	players atomic.Int32
	bots    atomic.Int32
	held    atomic.Int32 // reserved seats
	kept    atomic.Int32 // free seats kept for players by name

	spectators atomic.Int32
	door       atomic.Pointer[Door]
}

// Info is a room at a glance, for lists and matchmaking.
type Info struct {
	ID         string
	Game       string
	Tick       uint32
	TickRate   int // per second
	Players    int // seated people, present or away
	Reserved   int // seats held for tokens that are out, or kept for players by name
	Bots       int
	MaxPlayers int // seats, computer players included
	Spectators int
	Door
}

// Info returns the room at a glance. Safe from any goroutine.
func (r *Room) Info() Info {
	return Info{
		ID:         r.cfg.ID,
		Game:       r.cfg.Game.Name(),
		Tick:       r.count.tick.Load(),
		TickRate:   r.tickRate,
		Players:    int(r.count.players.Load()),
		Reserved:   int(r.count.held.Load() + r.count.kept.Load()),
		Bots:       int(r.count.bots.Load()),
		MaxPlayers: len(r.seats),
		Spectators: int(r.count.spectators.Load()),
		Door:       *r.count.door.Load(),
	}
}

// fillBots seats the computer players, in the first seats, for the life of the room.
func (r *Room) fillBots() {
	for i := range r.cfg.Bots {
		s := &r.seats[i]
		s.state = seatBot
		n := strconv.Itoa(i + 1)
		s.player = sim.PlayerInfo{Seat: sim.Seat(i), ID: "bot-" + n, Name: "Bot " + n, Bot: true}
		r.sim.Join(s.player)
	}
	r.count.bots.Store(int32(r.cfg.Bots))
}
