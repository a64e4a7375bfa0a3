package sim

// Game is a running game: a struct whose fields are tables, singles, inputs, events
// and plain data, registered with Define. All methods run on the goroutine that owns
// the game, between or within ticks; none may keep w or p beyond the call, start
// goroutines, or read a clock.
type Game interface {
	// Join seats a player, between two ticks.
	Join(w *World, p *Player)
	// Leave unseats a player for good. Afterwards what the player owned is nobody's.
	Leave(w *World, p *Player)
	// Step simulates one tick.
	Step(w *World)
}

// Creator is a Game that reads the options of the match that created its room, once,
// before the first tick.
type Creator interface {
	// Create is given the options as JSON; they may be empty and come from outside.
	Create(w *World, options []byte) error
}

// Dropper is a Game that is told when a player's conn is lost; the seat is kept.
type Dropper interface {
	Drop(w *World, p *Player)
}

// Resumer is a Game that is told when a dropped player is back.
type Resumer interface {
	Resume(w *World, p *Player)
}

// Brain is a Game that can play by itself: it makes the inputs of computer players.
// It also runs on the mirror of a load-test bot, so it must use only what the player
// can see, and it may draw from w.Rand.
type Brain[I any] interface {
	Think(w *World, p *Player) I
}

// Viewer is a Game that decides after each step what every player sees, computer players
// included: where it looks, and which groups are shown to it. Fog of war and stealth are
// groups of the game's own, Custom, that entities are put into and players shown. A game
// may as well call the same methods within Step.
type Viewer interface {
	Visible(w *World, p *Player)
}

// Spectated is a Game that decides, at every send tick, which groups spectators see: of
// teams and of its own, too. One that is not shows them what is in Everyone and in cells
// of the grid. They never see what is one player's.
type Spectated interface {
	Spectate(g Group) bool
}

// Saver is a Game with private state that is not plain data, such as a map. Plain
// fields and tables are checkpointed without it.
type Saver interface {
	// Save returns the state; the same state must give the same bytes.
	Save() []byte
	// Load replaces the state by what Save of this or another build returned: nil if that
	// build was no Saver. It runs instead of Create, when everything else is restored.
	Load(state []byte) error
}

// Env is what a movement function may know beside the entity and the input, so that
// the game's Step and a client's prediction call it alike.
type Env struct {
	DT   float32 // seconds per tick
	Tick uint32  // the tick being simulated
}
