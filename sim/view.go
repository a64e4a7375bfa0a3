package sim

// View is the moment that a player's client drew when it made an input: the room's word,
// for it is what a hit is checked against. It is part of the input of its tick: a game
// that is replayed is given it again.
type View struct {
	Tick uint32 // never after Newest
	Part uint8  // 1/256s of a tick on top

	Newest uint32 // tick of the newest snapshot when the input came
	Had    uint64 // which snapshots the client had then: bit n is the one n send ticks before Newest
}

// History is what clients were sent. A room gives it to its game.
type History interface {
	// Drawn finds the snapshots from which a seat's client drew an entity at a view. It
	// returns false if that client did not draw it.
	Drawn(seat Seat, at View, table int, slot uint32, id ID, into *Drawn) bool
}

// Drawn is what a client drew an entity from.
type Drawn struct {
	Prior  Snapshot // before Before, if known
	Before Snapshot // the newest up to the view
	After  Snapshot // the one after it, if the client had it
}

// Snapshot is an entity at one tick.
type Snapshot struct {
	Known bool
	Tick  uint32
	R     []int32 // published values, by column of the table's public part
}

// SetHistory gives the game what its clients were sent, for Rewind. Without it nothing is
// rewound.
func (i *Instance) SetHistory(h History) {
	i.world.past.history = h
	i.world.past.prepare(i.world.cfg, i.def.tables)
}

// SetView says what a seat's client drew when it made the input of the coming tick. It
// holds until the next call.
func (i *Instance) SetView(s Seat, v View) {
	if p := i.world.Player(s); p != nil {
		p.view, p.viewing = v, true
	}
}
