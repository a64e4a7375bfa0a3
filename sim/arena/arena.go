// Package arena is the game of the demo, and the example to copy.
//
// Everybody flies a ship with thrust and inertia in a walled world, and shoots. A ship
// has 100 hp, a bullet takes 20, ramming a rock more the faster it is. Who destroys a
// ship gets 10 points; the victim has a new one after 3 s, which nothing harms for 2 s or
// until it fires. Rocks drift about; a bullet splits a large one into two medium ones,
// those into small ones, those into nothing, for 1 to 3 points. Some of them, and some
// ships, leave a pick-up: repair, rapid fire or a shield. A board names the best five;
// players chat; a match may be red against blue. There is no end,
// unless the match's options say after how many minutes.
//
// arena.go is the game and the order of a tick, pilot.go what a player keeps between
// ships, ship.go how a ship flies, guns.go, rocks.go, damage.go and pickups.go what can
// happen to it, chat.go, board.go, teams.go and finish.go the rest. chart.go finds the rocks near
// a point, news.go lists what clients are told. Computer players look (sight.go), aim (aim.go) and decide (brain.go).
package arena

import "github.com/roomtick/roomtick/sim"

const (
	// Size is the width and the height of the world, in units. A page shows about 1600
	// by 900 of them.
	Size = 12000
	// tickRate is in ticks a second; durations below are in ticks.
	tickRate = 20
	// maxPlayers is how many seats there are.
	maxPlayers = 250
	// maxWatchers may look on, watchDelay seconds late: too late to tell a friend who comes.
	maxWatchers = 50
	watchDelay  = 3
)

// Game is the arena, ready to be served or flown by bots.
var Game = sim.Define[Arena](sim.Config{
	Name:       "arena",
	TickRate:   tickRate,
	MaxPlayers: maxPlayers,

	// A player is told what is around its ship: all of it in view and a little beyond, and
	// at a lower rate what the map shows.
	CellSize: 1600, ViewWidth: 2000, ViewHeight: 1400, RingWidth: 800,

	MaxSpectators: maxWatchers, SpectateDelay: watchDelay,

	// Who wants an even match waits for one: alone against one, or three against three,
	// where everybody is asked before it begins and who leaves is replaced.
	Queues: []sim.Queue{
		{Name: "duel", Teams: 2, TeamSize: 1, Options: `{"rocks": 60}`},
		{Name: "ranked", Teams: 2, TeamSize: 3, Accept: 15, Backfill: true, Options: `{"teams": true}`},
	},
})

// Arena is the state of one room.
type Arena struct {
	Ships   sim.Table[Ship]
	Bullets sim.Table[Bullet]
	Rocks   sim.Table[Rock]
	Pickups sim.Table[Pickup]
	Board   sim.Single[Board]

	Inputs sim.Inputs[Input]
	Say    sim.ClientEvent[Say]

	Shots  sim.Event[Shot] `sync:"timed"` // drawn at the tick they happened
	Booms  sim.Event[Boom] `sync:"timed"`
	Kills  sim.Event[Kill]
	Lines  sim.Event[Line]
	Downs  sim.Event[Down]
	Picked sim.Event[Picked]

	pilots  [maxPlayers]pilot // by seat
	teams   bool
	rocks   int    // to begin with
	weight  int    // of those
	left    uint32 // ticks until the match is over; 0: it has no end
	watched uint32 // the tick in which computer players last looked around
	chart   chart  // of the rocks
}

// Input is what a player asks for in one tick.
type Input struct {
	Turn   int8 `sync:"min=-1,max=1"` // -1 left, 1 right
	Thrust bool
	Fire   bool `sync:"edge"` // the key went down: one shot, however short the tap
	Hold   bool // the key is down: fire whenever the gun is loaded
}

// Create fills the world with rocks and reads the match's options.
func (a *Arena) Create(w *sim.World, options []byte) error {
	err := a.readOptions(options)
	for i := range a.rocks {
		size := uint8(large)
		if a.rocks > roomyRocks {
			size = small + uint8(i%large)
		}
		r := a.spawnRock(w.Rand().Range(0, Size), w.Rand().Range(0, Size), size, w.Rand())
		a.weight += r.weight()
	}
	a.survey()
	return err
}

// Join gives a player a ship.
func (a *Arena) Join(w *sim.World, p *sim.Player) {
	a.pilots[p.Seat] = a.newPilot(w, p)
	a.launch(w, p)
}

// Leave takes the ship and the bullets of a player out of the world.
func (a *Arena) Leave(_ *sim.World, p *sim.Player) {
	id, _ := a.Ships.Owned(p.Seat)
	a.Ships.Despawn(id)
	for id, b := range a.Bullets.All() {
		if b.Seat == p.Seat {
			a.Bullets.Despawn(id)
		}
	}
	a.pilots[p.Seat] = pilot{}
}

// Step plays one tick.
func (a *Arena) Step(w *sim.World) {
	a.talk()
	a.respawn(w)
	a.fly(w)
	a.drift(w)
	a.survey()
	a.strike(w) // before shoot: a bullet flies from the next tick on
	a.ram(w)
	a.shoot(w)
	a.collect(w)
	a.rank(w)
	a.place()
	if a.chart.stale {
		a.survey() // pieces of rocks, for those who look around before the next tick
	}
	a.finish(w)
}

// Visible lets a player look at its ship, or at where it was destroyed.
func (a *Arena) Visible(_ *sim.World, p *sim.Player) {
	if _, s := a.Ships.Owned(p.Seat); s != nil {
		p.Look(s.X, s.Y)
	}
}

// place puts everything that moves where players who look at it find it.
func (a *Arena) place() {
	for id, s := range a.Ships.All() {
		a.Ships.MoveTo(id, s.X, s.Y)
	}
	for id, b := range a.Bullets.All() {
		a.Bullets.MoveTo(id, b.X, b.Y)
	}
	for id, r := range a.Rocks.All() {
		a.Rocks.MoveTo(id, r.X, r.Y)
	}
}

// fly moves every ship by its player's input.
func (a *Arena) fly(w *sim.World) {
	env := w.Env()
	for _, s := range a.Ships.All() {
		if p := w.Player(s.Seat); p != nil {
			Move(s, a.Inputs.Of(p), env)
		}
	}
}
