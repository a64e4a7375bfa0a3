package sim

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Instance is one running game. It belongs to one goroutine.
type Instance struct {
	def    *Definition
	game   Game
	viewer Viewer         // the game, if it is one
	base   unsafe.Pointer // of the game's struct
	world  *World
	stores []*Store
	input  inputMember
	events []eventMember // by number
	buf    []byte        // reused by Hash
	bot    []byte        // reused for the inputs of computer players
}

// PlayerInfo is who takes a seat.
type PlayerInfo struct {
	Seat     Seat
	ID, Name string
	Bot      bool

	MatchTeam int    // as of Player
	Role      string // as of Player
}

// New starts a game at tick 0. The same seed, options and inputs give the same game.
// The error is that of Err or a *CreateError of the game's.
func (d *Definition) New(seed uint64, options []byte) (*Instance, error) {
	return d.NewRoom(Setup{Seed: seed, Options: options})
}

// Setup is what a game begins with.
type Setup struct {
	Seed       uint64     // of the world's random numbers
	Options    []byte     // JSON given to Create; may be empty
	Properties []Property // what the room's creator says of it; Create sees and may change them
}

// CreateError is a game's refusal of what it was to begin with: its text is for those who
// asked.
type CreateError struct {
	Game string
	Err  error // what Create returned
}

func (e *CreateError) Error() string { return fmt.Sprintf("sim: create %s: %v", e.Game, e.Err) }

// Unwrap lets errors.Is see the game's own error.
func (e *CreateError) Unwrap() error { return e.Err }

// NewRoom is New with properties. It reports those that CheckProperties refuses, too.
func (d *Definition) NewRoom(s Setup) (*Instance, error) {
	i, err := d.instance(s.Seed)
	if err != nil {
		return nil, err
	}
	if err := CheckProperties(s.Properties); err != nil {
		return nil, err
	}
	for _, p := range s.Properties {
		_ = i.world.SetProperty(p.Name, p.Value) // checked above
	}
	if c, ok := i.game.(Creator); ok {
		if err := c.Create(i.world, s.Options); err != nil {
			return nil, &CreateError{Game: d.cfg.Name, Err: err}
		}
	}
	return i, nil
}

// instance allocates a game and connects its members.
func (d *Definition) instance(seed uint64) (*Instance, error) {
	if d.err != nil {
		return nil, d.err
	}
	game, value := d.create()
	i := &Instance{
		def: d, game: game, base: value.Addr().UnsafePointer(),
		world: newWorld(&d.cfg, seed), events: make([]eventMember, len(d.events)),
	}
	i.viewer, _ = game.(Viewer)
	for _, m := range d.members {
		i.attach(m, memberAt(value, m.field))
	}
	return i, nil
}

func (i *Instance) attach(m member, v any) {
	switch v := v.(type) {
	case tableMember:
		s := newStore(i.def.tables[m.number], i.world.grid)
		i.stores = append(i.stores, s)
		v.attach(s)
	case inputMember:
		i.input = v
		v.attach(i.game)
	case eventMember:
		i.events[m.number] = v
		v.attach(i.world, i.def.events[m.number], uint32(m.number))
	}
}

// memberAt returns a pointer to a field of the game's struct.
func memberAt(game reflect.Value, field int) any {
	f := game.Field(field)
	return reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Interface()
}

// Definition is what the game was compiled to.
func (i *Instance) Definition() *Definition { return i.def }

// World is the running game's world.
func (i *Instance) World() *World { return i.world }

// Game is the author's value.
func (i *Instance) Game() Game { return i.game }

// Tick is the tick simulated last, 0 before the first.
func (i *Instance) Tick() uint32 { return i.world.tick }

// Ended reports whether the game has asked for its room to end.
func (i *Instance) Ended() bool { return i.world.ended }

// Store returns a table or Single by its number in the descriptor.
func (i *Instance) Store(table int) *Store { return i.stores[table] }

// Events lists what the last Step, and the joins and leaves before it, sent to players.
// It is valid until the next call that runs the game's code.
func (i *Instance) Events() []OutEvent { return i.world.out.events }

// Kicked lists the players that the same calls asked to remove.
func (i *Instance) Kicked() []Kick { return i.world.out.kicks }

// Visible appends the groups that a seat's player sees, each once, in an order that is
// stable from tick to tick: Everyone, its own, its team's, those shown to it, then the
// cells around where it looks, row by row. An empty seat sees nothing.
func (i *Instance) Visible(s Seat, dst []Sight) []Sight {
	p := i.world.Player(s)
	if p == nil {
		return dst
	}
	return p.appendVisible(dst)
}

// Spectated reports whether spectators see a group.
func (i *Instance) Spectated(g Group) bool {
	if s, ok := i.game.(Spectated); ok {
		return s.Spectate(g)
	}
	return g.Kind() == KindWorld || g.Kind() == KindCell
}

// Views changes whenever Visible of a seat may give another answer than before.
func (i *Instance) Views(s Seat) (version uint64) {
	p := i.world.Player(s)
	if p == nil {
		return 0
	}
	return uint64(p.views)<<8 | uint64(i.world.grid.top)<<1 | 1
}
