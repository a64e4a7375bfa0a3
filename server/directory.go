package server

import (
	"context"
	"errors"
)

// What a Directory answers.
var (
	ErrFenced      = errors.New("directory: another owner holds the room")
	ErrUnavailable = errors.New("directory: unavailable")
	ErrUnknownRoom = errors.New("directory: unknown room")
)

// Owner is the right to run a room: it is good until a higher epoch exists.
type Owner struct {
	Room  string
	Node  string
	Epoch uint64
}

// Listing is what all nodes know of a room.
type Listing struct {
	Owner
	Game       string
	Players    int // seated people
	Bots       int
	Reserved   int
	Spectators int
	MaxPlayers int
	Tick       uint32
	TickRate   int
}

// Free is how many seats a join may hope for.
func (l *Listing) Free() int { return l.MaxPlayers - l.Players - l.Bots - l.Reserved }

// Query is what to find.
type Query struct {
	Game  string // every game if empty
	After string // only rooms behind this one in their order
	Limit int    // at most so many; 0 is no limit
}

// Directory is the shared list of rooms: who runs which, and where seats are free.
// Any call may fail with ErrUnavailable; then nobody knows whether it took effect,
// and it may be repeated. All methods are safe from any goroutine.
type Directory interface {
	// Acquire makes node the owner of a room that is new or whose lease has run out.
	// The epoch is above every earlier one of the room, above floor, and at least now
	// in microseconds: a directory that lost its data does not go back. ErrFenced if
	// another node's lease runs.
	Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error)

	// Renew extends the owner's lease and publishes l. ErrFenced if l.Owner has a
	// successor: the room must not run on here.
	Renew(ctx context.Context, l Listing) error

	// Release gives the room up; it is gone from the list. ErrFenced as for Renew.
	Release(ctx context.Context, o Owner) error

	// Lookup returns a room with a running lease, or ErrUnknownRoom.
	Lookup(ctx context.Context, room string) (Listing, error)

	// Find returns the published rooms with a running lease that q asks for, ordered by
	// room.
	Find(ctx context.Context, q Query) ([]Listing, error)
}
