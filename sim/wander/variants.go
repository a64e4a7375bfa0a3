package wander

import "github.com/roomtick/roomtick/sim"

const (
	// side is the edge of a world in which everybody sees everything.
	side = 4000
	// cell is the edge of a cell of the grid where players see their surroundings only;
	// a view of two cells touches nine.
	cell = 400
	view = 2 * cell
)

// room is what one kind of room is like.
type room struct {
	herd int     // movers that belong to nobody; 0: one a player instead
	side float32 // of the world, in units
	grid bool    // players see what is near
}

// rules tells one kind of room from another; the game's type names it, because a game
// is made from its type alone.
type rules interface{ room() room }

type (
	ships    struct{} // a mover a player, everybody sees all of them
	herd50   struct{} // 50 movers and up to 50 players, each seeing all of them
	herd1000 struct{}
	near200  struct{} // 200 movers, one a player, who sees about 50
	near1000 struct{}
	near2000 struct{}
)

func (ships) room() room    { return room{side: side} }
func (herd50) room() room   { return room{herd: 50, side: side} }
func (herd1000) room() room { return room{herd: 1000, side: side} }

// The sides of these three give nine cells 50 movers once every seat is taken: 3 cells
// times the root of movers / 50.
func (near200) room() room  { return room{side: 2400, grid: true} }
func (near1000) room() room { return room{side: 5367, grid: true} }
func (near2000) room() room { return room{side: 7590, grid: true} }

// Games returns every kind of room, ready to be served:
//
//	wander, wander-10, wander-200   50, 10, 200 players, who see each other
//	wander-pair, wander-pair-slow   2 players; at 20 and at 2 ticks a second
//	wander-herd, wander-herd-1000   50 and 1,000 movers before 50 players
//	wander-near-200, -1000, -2000   so many players, of whom each sees about 50
//	toil                            50 players and a room that works as much as they ask
func Games() []*sim.Definition {
	return []*sim.Definition{
		of[ships](sim.Config{Name: "wander", MaxPlayers: 50}),
		of[ships](sim.Config{Name: "wander-10", MaxPlayers: 10}),
		of[ships](sim.Config{Name: "wander-200", MaxPlayers: 200}),
		of[ships](sim.Config{Name: "wander-pair", MaxPlayers: 2}),
		of[ships](sim.Config{Name: "wander-pair-slow", MaxPlayers: 2, TickRate: 2}),
		of[herd50](sim.Config{Name: "wander-herd", MaxPlayers: 50}),
		of[herd1000](sim.Config{Name: "wander-herd-1000", MaxPlayers: 50}),
		of[near200](near("wander-near-200", 200)),
		of[near1000](near("wander-near-1000", 1000)),
		of[near2000](near("wander-near-2000", 2000)),
		sim.Define[Toil](sim.Config{Name: "toil", MaxPlayers: 50}),
	}
}

// Game returns one of Games by its name; nil if there is none.
func Game(name string) *sim.Definition {
	for _, g := range Games() {
		if g.Name() == name {
			return g
		}
	}
	return nil
}

func of[R rules](cfg sim.Config) *sim.Definition { return sim.Define[Wander[R]](cfg) }

func near(name string, players int) sim.Config {
	return sim.Config{Name: name, MaxPlayers: players, CellSize: cell, ViewWidth: view, ViewHeight: view}
}
