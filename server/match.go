package server

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

const (
	// matchTimeout bounds a join. A room answers between two ticks, so this only
	// passes when a game's step takes seconds.
	matchTimeout = 3 * time.Second

	// reserveTimeout bounds the wait for one room, which answers between two ticks. One
	// that does not is stuck, and another is tried.
	reserveTimeout = 300 * time.Millisecond

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
		return n.spectate(game, w.room)
	}
	name := cleanName(w.name)
	var g grant
	var err error
	switch {
	case w.room != "":
		g, err = n.reserveIn(ctx, w.room, game, name)
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
	case errors.Is(err, directory.ErrUnknownRoom), errors.Is(err, room.ErrEnded):
		return unknownRoom()
	case errors.Is(err, errMaxRooms):
		return serverFull()
	case errors.Is(err, errDraining):
		return draining()
	case errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded):
		if n.overloaded() {
			return overloaded()
		}
		return serverBusy()
	case errors.Is(err, errBusy), errors.Is(err, context.Canceled), errors.Is(err, directory.ErrUnavailable):
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
	return n.reserveIn(ctx, h.owner.Room, game, name)
}

var (
	errNoAnswer = errors.New("server: room does not answer in time")
	errBusy     = errors.New("server: others took every seat first")
)

// joinOrCreate tries the fullest room with a free seat, or a new one, and looks again if
// others were faster or the room does not answer.
func (n *node) joinOrCreate(ctx context.Context, game *sim.Definition, name string) (grant, error) {
	for range matchRounds {
		h, _ := n.pick(game)
		wait := reserveTimeout
		if h == nil {
			var err error
			if h, wait, err = n.pickOrOpen(ctx, game); err != nil {
				return grant{}, err
			}
		}
		g, err := n.reserve(ctx, h, name, wait)
		switch {
		case errors.Is(err, errNoAnswer) && ctx.Err() != nil:
			return grant{}, err
		case errors.Is(err, errNoAnswer), errors.Is(err, room.ErrFull), errors.Is(err, room.ErrEnded):
			continue
		}
		return g, err
	}
	return grant{}, errBusy
}

// pick holds the fullest room of a game that has a free seat for one more joiner; see
// lobby.best. nil if there is none.
func (n *node) pick(game *sim.Definition) (h *host, contested bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h, contested = n.lobby.best(game.Name(), n.seats(game)); h != nil {
		h.joining++
	}
	return h, contested
}

// seats is how many people a room of a game seats.
func (n *node) seats(game *sim.Definition) int { return game.Config().MaxPlayers - n.cfg.bots }

// pickOrOpen is pick, in a new room if none has a free seat by now. While every free seat
// is being reserved by somebody it waits for how that ends: opening a room at once would
// scatter players who arrive together. On a machine that cannot run another room it
// picks one that does not answer yet. wait is how long the room may take.
func (n *node) pickOrOpen(ctx context.Context, game *sim.Definition) (h *host, wait time.Duration, err error) {
	select {
	case n.opening <- struct{}{}:
		defer func() { <-n.opening }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	for {
		settled := n.settling()
		h, contested := n.pick(game)
		if h != nil {
			return h, reserveTimeout, nil
		}
		if !contested {
			err := errNoAnswer
			if !n.overloaded() {
				_, err = n.open(ctx, game, false)
			}
			if err == nil {
				continue
			}
			if h := n.pickStuck(game.Name(), n.seats(game)); h != nil {
				return h, matchTimeout, nil
			}
			if !errors.Is(err, errNoAnswer) {
				return nil, 0, err
			}
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return nil, 0, errNoAnswer
		}
	}
}

// reserveIn holds a seat in one room of this node. There is no other to try: it may take
// as long as ctx lasts.
func (n *node) reserveIn(ctx context.Context, roomID string, game *sim.Definition, name string) (grant, error) {
	h := n.hold(roomID)
	if h == nil {
		return grant{}, directory.ErrUnknownRoom
	}
	if h.game != game {
		n.release(h)
		return grant{}, directory.ErrUnknownRoom
	}
	return n.reserve(ctx, h, name, matchTimeout)
}

// reserve holds a seat in a room that the caller holds, releases that, and signs the token
// for the seat.
func (n *node) reserve(ctx context.Context, h *host, name string, timeout time.Duration) (grant, error) {
	defer n.release(h)
	start := time.Now()
	c := claims{
		Room:       h.owner.Room,
		Node:       n.id,
		Player:     uuid.Must(uuid.NewV7()).String(),
		Nonce:      rand.Text(),
		EpochFloor: h.owner.Epoch,
		Expires:    start.Add(seatTokenLife),
	}
	wait, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	seat, err := h.room.Reserve(wait, room.Reservation{Nonce: c.Nonce, PlayerID: c.Player, Name: name, Expires: c.Expires})
	if errors.Is(err, context.DeadlineExceeded) {
		if time.Since(start) >= reserveTimeout { // else it had no time to answer
			n.noteStuck(h)
		}
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
