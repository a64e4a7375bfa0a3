package server

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/conn"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

const (
	leaseTime  = 6 * time.Second  // of a room in the directory
	renewEvery = 1 * time.Second  // also how stale a listing may be for other nodes
	emptyLife  = 15 * time.Second // of a room without players or seats held for tokens that are out
)

var (
	errMaxRooms = errors.New("server: as many rooms as allowed")
	errDraining = errors.New("server: draining")
	errEmpty    = errors.New("server: room without players")
	errFenced   = errors.New("server: room taken over by another node")
)

// node runs the rooms of this process, and the conns to them.
type node struct {
	// Set once by newNode; safe from any goroutine.
	id      string
	cfg     *config
	games   map[string]*sim.Definition // by name
	offered []*sim.Definition          // the same, as Main was given them
	known   string                     // the games' names, for people
	dir     directory.Directory
	tokens  signer
	log     *slog.Logger
	rooms   *room.Stats
	conns   *conn.Stats
	panics  atomic.Int64 // rooms lost to a panic of their game

	cut  context.Context // ended when rooms and conns must go without a word
	drop context.CancelFunc

	// opening holds one: one room at a time comes into being, so that joiners who find
	// no free seat together share the next room.
	opening chan struct{}

	mu       sync.Mutex // guards the following
	hosted   map[string]*host
	lobby    lobby               // those of them that answer
	stuck    map[*host]time.Time // those that do not, since when
	opened   uint64              // rooms ever opened; spreads their phases
	draining bool
	settled  chan struct{} // see settling; nil if nobody waits

	running sync.WaitGroup // rooms
	playing sync.WaitGroup // conns
}

// host is one room of this node.
type host struct {
	// Set once by open; safe from any goroutine.
	room  *room.Room
	game  *sim.Definition
	owner directory.Owner
	keep  bool // stays without players
	end   context.CancelCauseFunc
	pulse *conn.Pulse // of its conns; nil to run them as pairs

	// Guarded by node.mu.
	joining int // reservations under way; some of them may be in taken already
	taken   int // seats of people, or held for them
	place   int // in its bucket of the lobby, or outside

	emptySince time.Time // owned by the node's sweep; zero while somebody plays
}

func newNode(cfg *config, games []*sim.Definition, dir directory.Directory, log *slog.Logger) *node {
	n := &node{
		id:      uuid.Must(uuid.NewV7()).String(),
		cfg:     cfg,
		offered: games,
		games:   make(map[string]*sim.Definition, len(games)),
		dir:     dir,
		tokens:  signer{key: cfg.secret},
		log:     log,
		rooms:   new(room.Stats),
		conns:   new(conn.Stats),
		hosted:  make(map[string]*host),
		lobby:   make(lobby),
		stuck:   make(map[*host]time.Time),

		opening: make(chan struct{}, 1),
	}
	n.cut, n.drop = context.WithCancel(context.Background())
	names := make([]string, len(games))
	for i, g := range games {
		n.games[g.Name()] = g
		names[i] = g.Name()
	}
	n.known = strings.Join(names, ", ")
	return n
}

// open creates a room and runs it until it ends. keep lets it live without players.
func (n *node) open(ctx context.Context, game *sim.Definition, keep bool) (*host, error) {
	n.mu.Lock()
	count, turn, drain := len(n.hosted), n.opened, n.draining
	n.opened++
	n.mu.Unlock()
	switch {
	case drain:
		return nil, errDraining
	case count >= n.cfg.maxRooms:
		return nil, errMaxRooms
	}
	owner, err := n.dir.Acquire(ctx, rand.Text(), n.id, 0) // 130 random bits: rooms cannot be guessed
	if err != nil {
		return nil, err
	}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	running, end := context.WithCancelCause(n.cut)
	h := &host{game: game, owner: owner, keep: keep, end: end, pulse: n.cfg.newPulse(), place: outside}
	h.room, err = room.New(room.Config{
		Beat:        h.pulse.Beat,
		Game:        game,
		ID:          owner.Room,
		Epoch:       owner.Epoch,
		Seed:        binary.LittleEndian.Uint64(seed[:]),
		Options:     n.cfg.roomOptions,
		Bots:        n.cfg.bots,
		SeatTimeout: n.cfg.seatTimeout,
		Phase:       phase(turn, game.Config().TickRate),
		Log:         n.log,
		Stats:       n.rooms,
		Taken:       func(seats int) { n.noteTaken(h, seats) },
	})
	if err != nil {
		end(err)
		return nil, errors.Join(err, n.dir.Release(context.WithoutCancel(ctx), owner))
	}
	if err := n.dir.Renew(ctx, h.listing()); err != nil {
		end(err)
		return nil, errors.Join(err, n.dir.Release(context.WithoutCancel(ctx), owner))
	}
	if !n.add(h) {
		end(errDraining)
		return nil, errors.Join(errDraining, n.dir.Release(context.WithoutCancel(ctx), owner))
	}
	go n.run(running, h)
	return h, nil
}

// phase is the turn-th point of a sequence that fills the tick period evenly however
// many rooms there are (multiples of the golden ratio). Rooms that tick together
// would each wait for all others.
func phase(turn uint64, tickRate int) time.Duration {
	_, at := math.Modf(float64(turn) * (math.Phi - 1))
	return time.Duration(at * float64(time.Second) / float64(max(tickRate, 1)))
}

func (n *node) add(h *host) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.draining {
		return false
	}
	n.hosted[h.owner.Room] = h
	n.lobby.put(h)
	n.running.Add(1)
	return true
}

// run is the life of one room. Whatever ends it ends it alone.
func (n *node) run(ctx context.Context, h *host) {
	defer n.running.Done()
	err := h.room.Run(ctx)
	h.end(nil) // frees the context
	h.pulse.Close()
	n.mu.Lock()
	n.removeLocked(h)
	n.mu.Unlock()

	var failed *room.PanicError
	if errors.As(err, &failed) {
		n.panics.Add(1)
		n.log.Error("room failed", "room", failed.Room, "game", h.game.Name(), "tick", failed.Tick,
			"panic", fmt.Sprint(failed.Value), "at", panicSite(string(failed.Stack)), stackKey, string(failed.Stack))
	}
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseTime)
	defer cancel()
	if err := n.dir.Release(release, h.owner); err != nil {
		n.log.Warn("room not released; its lease will run out", "room", h.owner.Room, "cause", err)
	}
}

// removeLocked takes a room off the table.
func (n *node) removeLocked(h *host) {
	delete(n.hosted, h.owner.Room)
	n.lobby.remove(h)
}

// noteTaken is what a room says when a seat is taken or given up.
func (n *node) noteTaken(h *host, seats int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	freed := seats < h.taken
	n.lobby.taken(h, seats)
	if freed {
		n.wakeLocked()
	}
}

// lookup returns a room of this node, nil if it has none of that id.
func (n *node) lookup(room string) *host {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hosted[room]
}

// hold is lookup for somebody about to reserve a seat: the room is not retired for
// want of players until release.
func (n *node) hold(room string) *host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosted[room]
	if h != nil {
		h.joining++
	}
	return h
}

func (n *node) release(h *host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h.joining--
	n.wakeLocked()
}

// wakeLocked lets those look again who wait for how reservations end.
func (n *node) wakeLocked() {
	if n.settled != nil {
		close(n.settled)
		n.settled = nil
	}
}

// settling returns a channel that is closed when the next reservation under way ends, a
// seat is given up, or a stuck room answers.
func (n *node) settling() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.settled == nil {
		n.settled = make(chan struct{})
	}
	return n.settled
}

// all returns the rooms of this node.
func (n *node) all() []*host { return n.appendAll(nil) }

// appendAll is all, into a slice that has been used before.
func (n *node) appendAll(list []*host) []*host {
	n.mu.Lock()
	defer n.mu.Unlock()
	list = slices.Grow(list, len(n.hosted))
	for _, h := range n.hosted {
		list = append(list, h)
	}
	return list
}

// listing is the room as of now.
func (h *host) listing() directory.Listing {
	i := h.room.Info()
	return directory.Listing{
		Owner: h.owner, Game: i.Game, Players: i.Players, Bots: i.Bots, Reserved: i.Reserved, Spectators: i.Spectators,
		MaxPlayers: i.MaxPlayers, Tick: i.Tick, TickRate: i.TickRate,
	}
}
