// Package results gets the results of matches to the studio: kept until they are
// accepted, delivered at least once and in order, each with an id by which a receiver
// knows one it has had before.
//
// A room hands its Outcome to a Service, which appends it to a Store. Once that says the
// result is durable the room tells its players that the match is over. A courier for each
// Receiver (a webhook, a function) offers what waits, the oldest first, until it is
// accepted by all of them.
package results

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/sim"
)

// Result is how a match ended, as receivers are told.
type Result struct {
	ID      string          `json:"id"`      // of this result; the same however often it is sent
	Room    string          `json:"room"`    // its room; a room has one result
	Epoch   uint64          `json:"epoch"`   // of the room's owner
	Game    string          `json:"game"`    // its name
	Tick    uint32          `json:"tick"`    // the match's last
	Time    time.Time       `json:"time"`    // when the match ended, by the node's clock
	Players []Player        `json:"players"` // seated at the end, in seat order
	Result  json.RawMessage `json:"result"`  // what the game gave to Finish; null if Error
	Error   string          `json:"error,omitempty"`
}

// Player is who was seated at the end of a match.
type Player struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Seat sim.Seat `json:"seat"`
	Team *uint32  `json:"team,omitempty"` // absent: in none
	Bot  bool     `json:"bot,omitempty"`
}

// idSpace makes ids of results differ from those of anything else.
const idSpace = "roomtick result\x00"

// IDOf is the id of a room's result, a UUID of version 8. It follows from the room, whose
// id is random and used once: a match that is played on from a checkpoint, perhaps by
// another node, and ends a second time has the same id, so a receiver counts it once.
func IDOf(room string) string {
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(idSpace+room), 8).String()
}

// newResult is what a room's outcome is to receivers.
func newResult(o room.Outcome, now time.Time) Result {
	r := Result{
		ID: IDOf(o.Room), Room: o.Room, Epoch: o.Epoch, Game: o.Game, Tick: o.Tick,
		Time: now.UTC().Truncate(time.Millisecond), Players: make([]Player, len(o.Players)), Result: o.Result,
	}
	if o.Err != nil {
		r.Error, r.Result = o.Err.Error(), nil
	}
	for i, p := range o.Players {
		r.Players[i] = Player{ID: p.ID, Name: p.Name, Seat: p.Seat, Bot: p.Bot}
		if p.InTeam {
			r.Players[i].Team = &p.Team
		}
	}
	return r
}

// What a Store answers.
var (
	ErrGone   = errors.New("results: nothing of that id waits")
	ErrFull   = errors.New("results: as many results wait as may be kept")
	ErrClosed = errors.New("results: closed")
	ErrFenced = errors.New("results: another node runs the room")
	ErrLocked = errors.New("results: another process has the directory")
)

// Owner is the right to a room by which this node ran it. The zero value is nobody's.
type Owner struct {
	Room  string
	Epoch uint64
}

// Entry is a result that waits in a store.
type Entry struct {
	Seq   uint64 // rises in the order in which results were appended
	ID    string
	Since time.Time
	Bytes int // of its body
}

// Store keeps results until they are done. All methods are safe from any goroutine. A
// call may fail without anybody knowing whether it took effect, and may be repeated.
type Store interface {
	// Append keeps a body under an id. Once it has returned nil the store has it until
	// Done. An id that waits, or was done a moment ago, is not kept again: nil, too.
	// ErrFenced if the room has another owner by now; a store that only this node writes
	// to does not ask.
	Append(ctx context.Context, o Owner, id string, body []byte) error

	// Claim takes or keeps the right to deliver what waits, which one node at a time
	// has; false while another has it. A store that only this node reads always grants it.
	Claim(ctx context.Context) (bool, error)

	// List returns up to limit results with a higher Seq than after that wait, whoever
	// delivers them, the oldest first.
	List(ctx context.Context, after uint64, limit int) ([]Entry, error)

	// Load returns the body of an id, or ErrGone if it does not wait.
	Load(ctx context.Context, id string) ([]byte, error)

	// Done forgets an id; one that does not wait is nil. A node that dies right after
	// may deliver the result again.
	Done(ctx context.Context, id string) error

	// Count returns how many results wait, and since when the oldest does.
	Count(ctx context.Context) (n int, oldest time.Time, err error)

	// Close ends the use of the store; what waits stays if it is durable.
	Close() error
}
