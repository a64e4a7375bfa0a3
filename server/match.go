package server

import (
	"context"
	"crypto/rand"
	"errors"
	"hash/maphash"
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
	code    string // of a private room that was made for it
	token   string
	expires time.Time
	node    string // that runs the room; empty for this one
}

// wish is what a client asks for.
type wish struct {
	search
	who joiner

	room     string // this one and no other, if not empty
	code     string // likewise, a private one
	password string // of that room, or of the one to be made
	region   string // empty takes any
	create   bool   // a new room; room and code are then empty
	spectate bool   // to watch, without a seat
	made     plan   // what a new room is to be, beside what search says

	asked   *matchBody // for another node, if this one cannot grant it; nil if only this one is asked
	relayed bool       // by another node
	chosen  bool       // room was, of several, by that node: if it does not answer, another is tried
}

// joiner is who asks.
type joiner struct {
	id    string    // made here if nobody is asked who they are
	name  string    // clean
	until time.Time // when the identity expires; zero is never

	returning bool // wants a seat only if it is theirs already
}

func newJoiner(name string) joiner {
	return joiner{id: uuid.Must(uuid.NewV7()).String(), name: cleanName(name)}
}

// match holds a seat: in the room wished for, else in the fullest room as wished for that
// has a free seat, else in a new room. The error is a *Problem.
func (n *node) match(ctx context.Context, w wish) (grant, error) {
	ctx, cancel := context.WithTimeout(ctx, matchTimeout)
	defer cancel()
	g, err := n.seek(ctx, w)
	if err != nil {
		return grant{}, n.matchProblem(err)
	}
	return g, nil
}

func (n *node) seek(ctx context.Context, w wish) (grant, error) {
	switch {
	case n.roams(&w) && n.dirAway.Load():
		return grant{}, directory.ErrUnavailable
	case w.spectate && w.game.Config().MaxSpectators == 0:
		return grant{}, noSpectators(w.game.Name())
	case w.named() && n.roams(&w) && !n.hosts(&w):
		return n.seekOwner(ctx, w) // it may be of another build or region than this node
	}
	w.region = n.nearestRegion(&w)
	switch {
	case n.isDraining():
		return n.orElsewhere(ctx, &w, errDraining)
	case w.build != "" && n.cfg.build != "" && w.build != n.cfg.build:
		return n.orElsewhere(ctx, &w, otherBuild(n.cfg.build))
	case w.region != "" && w.region != n.cfg.region:
		return n.orElsewhere(ctx, &w, unknownRegion(n.cfg.region))
	case w.code != "":
		return n.enterByCode(ctx, w)
	case w.spectate:
		return n.spectate(ctx, w)
	case w.room != "":
		return n.reserveIn(ctx, w)
	case w.create:
		g, err := n.create(ctx, w)
		if errors.Is(err, errMaxRooms) {
			return n.orElsewhere(ctx, &w, err)
		}
		return g, err
	}
	return n.joinAny(ctx, w)
}

// joinAny is seek for whoever takes any room as wished for, or a new one.
func (n *node) joinAny(ctx context.Context, w wish) (grant, error) {
	if n.roams(&w) {
		if g, err := n.joinElsewhere(ctx, &w, n.fewestFree(&w.search)); !errors.Is(err, errBusy) {
			return g, err
		}
	}
	g, err := n.joinOrCreate(ctx, w)
	if errors.Is(err, errMaxRooms) {
		return n.orElsewhere(ctx, &w, err)
	}
	return g, err
}

// named reports whether only one room will do.
func (w *wish) named() bool { return w.room != "" || w.code != "" }

// hosts reports whether a room that is named runs here.
func (n *node) hosts(w *wish) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if w.code != "" {
		return n.codes[cleanCode(w.code)] != nil
	}
	return n.hosted[w.room] != nil
}

// orElsewhere passes a wish on that this node cannot grant because of why.
func (n *node) orElsewhere(ctx context.Context, w *wish, why error) (grant, error) {
	if !n.roams(w) || w.named() { // a room that is named runs here, and nowhere else
		return grant{}, why
	}
	return n.anywhereElse(ctx, w, w.region, why)
}

var (
	errNoAnswer    = errors.New("server: room does not answer in time")
	errBusy        = errors.New("server: others took every seat first")
	errOtherBuild  = errors.New("server: room of another build")
	errPassword    = errors.New("server: another password")
	errDescription = errors.New("server: not what a room may say of itself")
)

// create makes a room and holds a seat in it. Whoever joins without naming a room may
// come into it, too, unless it is private or asks for a password.
func (n *node) create(ctx context.Context, w wish) (grant, error) {
	if n.mostlyFull() {
		return grant{}, errMaxRooms
	}
	h, err := n.openFor(ctx, &w)
	if err != nil {
		return grant{}, err
	}
	n.take(h)
	g, err := n.reserve(ctx, h, w.who, matchTimeout)
	g.code = h.code
	return g, err
}

// mostlyFull reports whether the last fifth of the rooms is being used: that is kept for
// players who would have no room otherwise.
func (n *node) mostlyFull() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.hosted)+n.opening >= n.cfg.maxRooms-n.cfg.maxRooms/5
}

// openFor makes the room that was wished for.
func (n *node) openFor(ctx context.Context, w *wish) (*host, error) {
	p := w.made
	p.game, p.mode, p.build = w.game, w.mode, w.build
	var err error
	if p.properties, err = propertiesFor(p.properties, w.filter); err != nil {
		return nil, errors.Join(errDescription, err)
	}
	return n.open(ctx, p)
}

// joinOrCreate tries the best room with a free seat, or a new one, and looks again if
// others were faster or the room does not answer.
func (n *node) joinOrCreate(ctx context.Context, w wish) (grant, error) {
	for range matchRounds {
		h, _ := n.pick(&w.search)
		wait := reserveTimeout
		if h == nil {
			var err error
			if h, wait, err = n.pickOrOpen(ctx, &w); err != nil {
				return grant{}, err
			}
		}
		g, err := n.reserve(ctx, h, w.who, wait)
		switch {
		case errors.Is(err, errNoAnswer) && ctx.Err() != nil:
			return grant{}, err
		case errors.Is(err, errNoAnswer), errors.Is(err, room.ErrFull), errors.Is(err, room.ErrShut), errors.Is(err, room.ErrEnded):
			continue
		}
		return g, err
	}
	return grant{}, errBusy
}

// pick holds the best room that has a free seat for one more joiner; see shelves.best. nil
// if there is none.
func (n *node) pick(q *search) (h *host, contested bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h, contested = n.shelves.best(q); h != nil {
		h.joining++
	}
	return h, contested
}

// gate is where those wait who may need a new room of one kind.
func (n *node) gate(k kind) chan struct{} {
	return n.gates[maphash.Comparable(n.seedGates, k)%uint64(len(n.gates))]
}

// pickOrOpen is pick, in a new room if none has a free seat by now. While every free seat
// is being reserved by somebody it waits for how that ends: opening a room at once would
// scatter players who arrive together. On a machine that cannot run another room it
// picks one that does not answer yet. wait is how long the room may take.
func (n *node) pickOrOpen(ctx context.Context, w *wish) (h *host, wait time.Duration, err error) {
	gate := n.gate(w.kind())
	select {
	case gate <- struct{}{}:
		defer func() { <-gate }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	for {
		settled := n.settling()
		h, contested := n.pick(&w.search)
		if h != nil {
			return h, reserveTimeout, nil
		}
		if !contested {
			err := errNoAnswer
			if !n.overloaded() {
				h, err = n.openFor(ctx, w)
			}
			if err == nil { // its game may have changed what it says of itself: it is for us all the same
				n.take(h)
				return h, reserveTimeout, nil
			}
			if h := n.pickStuck(&w.search); h != nil {
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

// reserveIn holds a seat in one public room of this node. Unless there are others to try, it
// may take as long as ctx lasts.
func (n *node) reserveIn(ctx context.Context, w wish) (grant, error) {
	h := n.hold(w.room)
	if h == nil {
		return grant{}, directory.ErrUnknownRoom
	}
	var err error
	switch {
	case h.game != w.game:
		err = directory.ErrUnknownRoom
	case !h.opens(w.password):
		err = errPassword
	case w.build != "" && h.build != "" && w.build != h.build:
		err = errOtherBuild
	default:
		w.who.returning = h.private // an id is no secret: only those who have a seat come in by it
		wait := matchTimeout
		if w.chosen {
			wait = reserveTimeout
		}
		return n.reserve(ctx, h, w.who, wait)
	}
	n.release(h)
	return grant{}, err
}

// reserve holds a seat in a room that the caller holds, releases that, and signs the token
// for the seat.
func (n *node) reserve(ctx context.Context, h *host, who joiner, timeout time.Duration) (grant, error) {
	defer n.release(h)
	start := time.Now()
	c := claims{
		Room:       h.owner.Room,
		Node:       n.id,
		Player:     who.id,
		Nonce:      rand.Text(),
		EpochFloor: h.owner.Epoch,
		Expires:    start.Add(seatTokenLife),
		Until:      who.until,
	}
	wait, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	seat, err := h.room.Reserve(wait, room.Reservation{
		Nonce: c.Nonce, PlayerID: c.Player, Name: who.name, Expires: c.Expires, Until: c.Until, Returning: who.returning,
	})
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

// matchProblem turns what went wrong into what the client is told.
func (n *node) matchProblem(err error) *Problem {
	var p *Problem
	var refused *sim.CreateError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refused):
		return badOptions(refused.Err)
	case errors.Is(err, errDescription):
		return badProperties(err)
	case errors.Is(err, room.ErrFull):
		return roomFull()
	case errors.Is(err, room.ErrShut):
		return roomLocked()
	case errors.Is(err, errPassword):
		return wrongPassword()
	case errors.Is(err, errOtherBuild):
		return otherBuild("")
	case errors.Is(err, errNoEntry):
		return noEntry()
	case errors.Is(err, directory.ErrUnknownRoom), errors.Is(err, room.ErrEnded), errors.Is(err, room.ErrNoPlayer):
		return unknownRoom()
	case errors.Is(err, errNoFiles):
		return noFiles()
	case errors.Is(err, errMaxRooms):
		return serverFull()
	case errors.Is(err, errDraining):
		return draining()
	case errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded):
		if n.overloaded() {
			return overloaded()
		}
		return serverBusy()
	case errors.Is(err, directory.ErrUnavailable):
		return directoryAway()
	case errors.Is(err, errBusy), errors.Is(err, context.Canceled):
		return serverBusy()
	}
	n.log.Error("match failed", "cause", err)
	return internal()
}
