package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/sim"
)

const (
	// matchTimeout bounds a join. A room answers between two ticks, so this only
	// passes when a game's step takes seconds.
	matchTimeout = 3 * time.Second

	// reserveTimeout bounds the wait for one room, which answers between two ticks. One
	// that does not is left out for stuckFor, and another is tried.
	reserveTimeout = 300 * time.Millisecond
	stuckFor       = 2 * time.Second

	// matchRounds bounds how often a join looks again after others were faster.
	matchRounds = 8
)

// grant is a seat held for one player.
type grant struct {
	room    string
	token   string
	expires time.Time
}

// wish is what a client asks for.
type wish struct {
	game     string
	room     string // this one and no other, if not empty
	name     string // of the player
	create   bool   // a new room; room is then empty
	spectate bool   // to watch, without a seat
}

// match holds a seat: in the room wished for, else in the fullest room of the game that
// has a free seat, else in a new room. The error is a *Problem.
func (n *node) match(ctx context.Context, w wish) (grant, error) {
	ctx, cancel := context.WithTimeout(ctx, matchTimeout)
	defer cancel()
	game := n.games[w.game]
	if game == nil {
		if w.game != "" {
			w.game = cleanName(w.game) // it is shown
		}
		return grant{}, unknownGame(w.game, n.known)
	}
	if n.isDraining() {
		return grant{}, draining()
	}
	if w.spectate {
		return n.spectate(ctx, game, w.room)
	}
	name := cleanName(w.name)
	var g grant
	var err error
	switch {
	case w.room != "":
		g, err = n.reserve(ctx, w.room, w.game, name)
	case w.create:
		g, err = n.create(ctx, game, name)
	default:
		g, err = n.joinOrCreate(ctx, game, name)
	}
	if err != nil {
		return grant{}, n.matchProblem(err)
	}
	return g, nil
}

// matchProblem turns what went wrong into what the client is told.
func (n *node) matchProblem(err error) *Problem {
	switch {
	case errors.Is(err, room.ErrFull):
		return roomFull()
	case errors.Is(err, ErrUnknownRoom), errors.Is(err, room.ErrEnded):
		return unknownRoom()
	case errors.Is(err, errMaxRooms):
		return serverFull()
	case errors.Is(err, errDraining):
		return draining()
	case errors.Is(err, errBusy), errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, ErrUnavailable):
		return serverBusy()
	}
	n.log.Error("match failed", "cause", err)
	return internal()
}

// create makes a room and holds a seat in it. Whoever joins without naming a room may
// come into it, too.
func (n *node) create(ctx context.Context, game *sim.Definition, name string) (grant, error) {
	h, err := n.open(ctx, game, false)
	if err != nil {
		return grant{}, err
	}
	return n.reserve(ctx, h.owner.Room, game.Name(), name)
}

// errNoAnswer is a room that did not answer in time.
var errNoAnswer = errors.New("server: room does not answer")

var errBusy = errors.New("server: others took every seat first")

// joinOrCreate tries the rooms with free seats, then a new one, and starts over if
// others were faster.
func (n *node) joinOrCreate(ctx context.Context, game *sim.Definition, name string) (grant, error) {
	for range matchRounds {
		rooms, _, err := n.candidates(ctx, game.Name())
		if err != nil {
			return grant{}, err
		}
		for _, id := range rooms {
			g, err := n.reserve(ctx, id, game.Name(), name)
			if errors.Is(err, errNoAnswer) {
				continue
			}
			if !errors.Is(err, room.ErrFull) && !errors.Is(err, room.ErrEnded) && !errors.Is(err, ErrUnknownRoom) {
				return g, err
			}
		}
		if err := n.openIfFull(ctx, game); err != nil {
			return grant{}, err
		}
	}
	return grant{}, errBusy
}

// openIfFull makes a room unless one has free seats by now. While every free seat is
// being reserved by somebody it waits for how that ends: opening a room at once would
// scatter players who arrive together.
func (n *node) openIfFull(ctx context.Context, game *sim.Definition) error {
	select {
	case n.opening <- struct{}{}:
		defer func() { <-n.opening }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		settled := n.settling()
		rooms, contested, err := n.candidates(ctx, game.Name())
		switch {
		case err != nil || len(rooms) > 0:
			return err
		case !contested:
			_, err = n.open(ctx, game, false)
			return err
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// candidates returns this node's rooms of a game that have a free seat, the fullest
// first so that players meet. contested says that another room has free seats, but no
// more of them than reservations under way.
func (n *node) candidates(ctx context.Context, game string) (ids []string, contested bool, err error) {
	rooms, err := n.list(ctx, game)
	if err != nil {
		return nil, false, err
	}
	slices.SortStableFunc(rooms, func(a, b Listing) int {
		return cmp.Compare(b.Players+b.Reserved, a.Players+a.Reserved)
	})
	for _, l := range rooms {
		switch free := l.Free(); {
		case l.Node != n.id || free <= 0 || n.isStuck(l.Room):
		case free > n.joining(l.Room):
			ids = append(ids, l.Room)
		default:
			contested = true
		}
	}
	return ids, contested, nil
}

// list returns the directory's rooms of a game (all games if empty), with this
// node's own as of now.
func (n *node) list(ctx context.Context, game string) ([]Listing, error) {
	rooms, err := n.dir.Find(ctx, game)
	if err != nil {
		return nil, err
	}
	kept := rooms[:0]
	for _, l := range rooms {
		if l.Node == n.id {
			h := n.lookup(l.Room)
			if h == nil {
				continue // ended since
			}
			l = h.listing()
		}
		kept = append(kept, l)
	}
	return kept, nil
}

// reserve holds a seat in a room of this node and signs the token for it.
func (n *node) reserve(ctx context.Context, roomID, game, name string) (grant, error) {
	h := n.hold(roomID)
	if h == nil {
		return grant{}, ErrUnknownRoom
	}
	defer n.release(h)
	if h.game.Name() != game {
		return grant{}, ErrUnknownRoom
	}
	c := claims{
		Room:       h.owner.Room,
		Node:       n.id,
		Player:     uuid.Must(uuid.NewV7()).String(),
		Nonce:      rand.Text(),
		EpochFloor: h.owner.Epoch,
		Expires:    time.Now().Add(seatTokenLife),
	}
	wait, cancel := context.WithTimeout(ctx, reserveTimeout)
	defer cancel()
	seat, err := h.room.Reserve(wait, room.Reservation{Nonce: c.Nonce, PlayerID: c.Player, Name: name, Expires: c.Expires})
	if errors.Is(err, context.DeadlineExceeded) {
		n.noteStuck(h)
		return grant{}, errNoAnswer
	}
	if err != nil {
		return grant{}, err
	}
	c.Seat = seat
	return grant{room: c.Room, token: n.tokens.sign(c), expires: c.Expires}, nil
}

func (n *node) isDraining() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.draining
}
