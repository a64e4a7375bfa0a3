// Package directory is what the nodes of a cluster know of each other: who runs, which
// rooms there are and where seats are free, who waits in a queue, which results are not
// delivered yet. It is a place to find things; the authority over a room and its seats is
// the process that runs it, so that nothing lost here is lost to players. Memory serves
// one node.
package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What a Directory answers. Errors are wrapped; ask with errors.Is.
var (
	ErrUnavailable   = errors.New("directory: unavailable")
	ErrFenced        = errors.New("directory: another owner holds it")
	ErrUnknownRoom   = errors.New("directory: unknown room")
	ErrFull          = errors.New("directory: not as many seats free")
	ErrCodeTaken     = errors.New("directory: another room has the code")
	ErrUnknownTicket = errors.New("directory: unknown ticket")
	ErrUnknownResult = errors.New("directory: unknown result")
	ErrConflict      = errors.New("directory: changed since it was read")
	ErrInvalid       = errors.New("directory: invalid record")
	ErrUnfit         = errors.New("directory: not fit for this") // with ErrUnavailable; waiting does not help
)

// Directory is the shared knowledge of all nodes. Any call may fail with ErrUnavailable;
// then nobody knows whether it took effect, and it may be repeated: what changes something
// is the same done twice, but for Put and Assign, whose second call is an ErrConflict if the
// first took effect. All methods are safe from any goroutine.
//
// A lease lasts as long as the directory was made for. What is held by a lease that is
// not renewed is gone, for everybody, when it has run out.
type Directory interface {
	Rooms
	Nodes
	Seats
	Tickets
	Results
}

// Rooms is who runs which room, and what is known of it.
type Rooms interface {
	// Acquire makes node the owner of a room that is new or whose lease has run out.
	// The epoch is above every earlier one of the room, above floor, and at least now
	// in microseconds: a directory that lost its data does not go back. ErrFenced if
	// another node's lease runs, or might: a floor says that the room has had owners, of
	// whom a directory knows nothing whose data is younger than a lease.
	Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error)

	// Renew extends the owners' leases and publishes their listings, also of rooms that
	// the directory has lost. What is wrong with single rooms is a RoomErrors; the
	// others are renewed: ErrFenced if a room's owner has a successor or has released
	// it, it must not run on here; ErrCodeTaken; ErrInvalid for its properties.
	Renew(ctx context.Context, rooms ...Listing) error

	// Release gives the room up; it is gone from the list. ErrFenced as for Renew.
	Release(ctx context.Context, o Owner) error

	// Lookup returns a room with a running lease, or ErrUnknownRoom.
	Lookup(ctx context.Context, room string) (Listing, error)

	// ByCode is Lookup by a room's code.
	ByCode(ctx context.Context, code string) (Listing, error)

	// Find returns the published rooms with a running lease that q asks for, but no
	// private ones. It may be a second behind, unless q is to be Fresh.
	Find(ctx context.Context, q Query) ([]Listing, error)
}

// Nodes is which servers there are.
type Nodes interface {
	// Announce says that a node is there, for a lease.
	Announce(ctx context.Context, n Node) error

	// Withdraw takes a node off the list before its lease runs out.
	Withdraw(ctx context.Context, id string) error

	// Nodes returns those whose lease runs, ordered by id.
	Nodes(ctx context.Context) ([]Node, error)
}

// Seats is how nodes do not all run to the room with the last free seat. A node holds
// seats here, then asks the room's owner for them, who confirms.
type Seats interface {
	// Hold sets seats of a room aside, all or none: never more than its listing has
	// free. The same nonce again changes nothing. It returns who to ask for them.
	// ErrFull, or ErrUnknownRoom.
	Hold(ctx context.Context, h Hold) (Owner, error)

	// Confirm is Renew by an owner whose listing counts the seats of a hold by now: the
	// hold ends in the same instant. One that has ended already does not matter.
	Confirm(ctx context.Context, nonce string, l Listing) error

	// Drop gives seats held back, or does nothing if they no longer are.
	Drop(ctx context.Context, room, nonce string) error
}

// Tickets is who waits in which queue, and who matches them. The body of a ticket is
// none of the directory's business. A ticket goes by expiring; so that all readers learn
// that one is cancelled, its body says so and it stays for some more seconds.
type Tickets interface {
	// Put writes a ticket of Version 0 as new, any other over the one of that version.
	// It returns the version written. ErrConflict if it exists, or not in that version.
	Put(ctx context.Context, t Ticket) (version uint64, err error)

	// Ticket returns one that has not expired, or ErrUnknownTicket.
	Ticket(ctx context.Context, id string) (Ticket, error)

	// Tickets returns what has changed in a queue since an earlier answer to this; since
	// is zero at first.
	Tickets(ctx context.Context, queue string, since Cursor) (Changes, error)

	// Assign is Put for many tickets, all or none, by the holder of a lease. ErrFenced
	// if the lease has run out or has a successor, ErrConflict if any has changed.
	Assign(ctx context.Context, l Lease, ts []Ticket) error

	// Lease takes or extends the right to do what name stands for. ErrFenced while
	// another node has it.
	Lease(ctx context.Context, name, node string) (Lease, error)
}

// Results keeps what rooms ended with until somebody has accepted it.
type Results interface {
	// Append keeps a result. One whose ID has been appended before is kept once.
	// ErrFenced if r.Owner has a successor.
	Append(ctx context.Context, r Result) error

	// Undelivered returns results in the order in which they were appended, at most
	// limit of those behind the one that has Seq after. They come without their bodies.
	Undelivered(ctx context.Context, after uint64, limit int) ([]Result, error)

	// Result returns one that is not delivered, with its body, or ErrUnknownResult.
	Result(ctx context.Context, id string) (Result, error)

	// Waiting returns how many results are not delivered, and since when the oldest is.
	Waiting(ctx context.Context) (n int, oldest time.Time, err error)

	// Delivered forgets results. Their IDs stay known for an hour.
	Delivered(ctx context.Context, ids ...string) error
}

// Node is one server process.
type Node struct {
	ID       string
	Address  string // base URL under which clients reach it; empty if only by way of others
	Peer     string // host:port under which other nodes do
	Region   string
	Build    string   // of the games; clients of another build do not fit
	Games    []string // names of those it runs
	Rooms    int
	MaxRooms int
	Load     float64 // 0 is idle, 1 is as much as it can do
	Draining bool    // takes no new rooms
}

// Hold is seats set aside for somebody who is about to ask for them.
type Hold struct {
	Room  string
	Nonce string
	Seats int
	For   time.Duration // ends by itself
}

// Ticket is a request waiting in a queue, or a party.
type Ticket struct {
	ID      string
	Queue   string
	Version uint64        // rises with each write; 0 is not written yet
	For     time.Duration // until it expires, from when it is written or read
	Body    []byte
}

// Cursor is how far a reader of changes has read.
type Cursor struct {
	Life    string // of the directory's data; another one after a loss
	Version uint64
}

// Changes is what a reader has missed. Nobody says that a ticket expired: the reader knows
// when it will.
type Changes struct {
	Next    Cursor
	All     bool // Tickets are all there are: forget others
	Tickets []Ticket
}

// Lease is the right of one node to do what only one may.
type Lease struct {
	Name  string
	Node  string
	Epoch uint64 // rises with each holder
}

// Result is what a room ended with.
type Result struct {
	ID    string
	Key   string // for receivers who care about the order of some results only
	Owner Owner  // of the room, when it ended; the zero value is never fenced
	Body  []byte

	// Set by Append.
	Seq   uint64    // later results have larger ones
	Since time.Time // when it was appended
	Size  int       // of the body, in bytes
}

// RoomErrors is what is wrong with which of several rooms.
type RoomErrors map[string]error

func (e RoomErrors) Error() string {
	texts := make([]string, 0, len(e))
	for _, room := range slices.Sorted(maps.Keys(e)) {
		texts = append(texts, fmt.Sprintf("room %s: %v", room, e[room]))
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors without their rooms.
func (e RoomErrors) Unwrap() []error { return slices.Collect(maps.Values(e)) }
