package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/conn"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/identity"
	"github.com/roomtick/roomtick/server/results"
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
	costs   map[string]*room.Cost // by game
	conns   *conn.Stats
	results *results.Service // nil: nobody wants them
	files   uint64           // that may be open; 0: nobody says
	panics  atomic.Int64     // rooms lost to a panic of their game
	cluster *cluster
	dirAway atomic.Bool // at the last announcement

	cut  context.Context // ended when rooms and conns must go without a word
	drop context.CancelFunc

	// gates hold one each: one room of a kind at a time comes into being, so that joiners
	// who find no free seat together share the next room.
	gates [64]chan struct{}

	seedGates maphash.Seed

	who     *identity.Verifier // nil: nobody is asked who they are
	bans    bans
	guesses *limiter[netip.Addr] // of codes and passwords, by clients of this node
	account *limiter[string]     // requests of players who show who they are
	watch   *watch
	queues  *queues
	seated  seated
	ending  chan struct{} // closed when the node is going away
	unfit   chan error    // holds one: why the directory cannot be used

	mu       sync.Mutex // guards the following
	hosted   map[string]*host
	shelves  shelves             // those of them that answer
	stuck    map[*host]time.Time // those that do not, since when
	opened   uint64              // rooms ever opened; spreads their phases
	opening  int                 // rooms that are coming into being
	codes    map[string]*host    // private rooms
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

	kind     kind
	region   string
	build    string // of the clients that fit; empty takes any
	private  bool
	code     string             // of a private room that is not of a queue
	password *[sha256.Size]byte // its hash; nil if it asks for none
	created  time.Time
	seats    int // for people

	looks atomic.Uint64 // listings made

	// Guarded by node.mu.
	joining  int // reservations under way; some of them may be in taken already
	taken    int // seats of people, or held for them
	joinable bool
	props    directory.Properties // replaced, never changed
	shelf    *[][]*host           // of the shelves, while place is not outside
	place    int                  // in its bucket of the shelf, or outside

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
		costs:   make(map[string]*room.Cost, len(games)),
		conns:   new(conn.Stats),
		files:   mostFiles(),
		hosted:  make(map[string]*host),
		shelves: make(shelves),
		stuck:   make(map[*host]time.Time),
		seated:  seated{matches: make(map[string]*seatedMatch)},
		cluster: newCluster(cfg.secret),

		codes:     make(map[string]*host),
		seedGates: maphash.MakeSeed(),
		who:       cfg.who,
		guesses:   newLimiter[netip.Addr](guessRate, guessBurst),
		account:   newAccountLimiter(cfg.joinRate),
		ending:    make(chan struct{}),
		unfit:     make(chan error, 1),
	}
	n.watch = newWatch(n)
	n.queues = newQueues(n)
	for i := range n.gates {
		n.gates[i] = make(chan struct{}, 1)
	}
	n.cut, n.drop = context.WithCancel(context.Background())
	names := make([]string, len(games))
	for i, g := range games {
		n.games[g.Name()] = g
		n.costs[g.Name()] = room.NewCost(g)
		names[i] = g.Name()
	}
	n.known = strings.Join(names, ", ")
	return n
}

// add puts a room that beginOpening has counted on the table, unless the node is going away.
func (n *node) add(h *host) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.draining {
		return false
	}
	n.opening--
	n.hosted[h.owner.Room] = h
	if h.code != "" {
		n.codes[h.code] = h
	}
	n.shelves.put(h)
	n.running.Add(1)
	return true
}

// ended is called by a room whose life is over. Whatever ended it ends it alone.
func (n *node) ended(ctx context.Context, h *host, err error) {
	defer n.running.Done()
	h.end(nil) // frees the context
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
	delete(n.codes, h.code)
	n.shelves.remove(h)
}

// noteTaken is what a room says when a seat is taken or given up.
func (n *node) noteTaken(h *host, seats int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	freed := seats < h.taken
	n.shelves.update(h, func() { h.taken = seats })
	if freed {
		n.wakeLocked()
	}
}

// noteDoor is what a room says when its game tells matchmaking something else than before.
func (n *node) noteDoor(h *host, d room.Door) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.shelves.update(h, func() { h.joinable, h.props = d.Joinable, propertiesOf(d.Properties) })
	n.wakeLocked()
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

// take is hold for a room at hand.
func (n *node) take(h *host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h.joining++
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
	look := h.looks.Add(1) // before looking
	i := h.room.Info()
	return directory.Listing{
		Look:  look,
		Owner: h.owner, Game: i.Game, Mode: h.kind.mode, Region: h.region, Build: h.build,
		Properties: propertiesOf(i.Properties), Created: h.created,
		Players: i.Players, Bots: i.Bots, Reserved: i.Reserved, MaxPlayers: i.MaxPlayers,
		Spectators: i.Spectators, MaxSpectators: h.game.Config().MaxSpectators, Tick: i.Tick, TickRate: i.TickRate,
		Locked: !i.Joinable, Begun: i.Started && !i.Joinable, Private: h.private, Password: h.password != nil, Code: h.code,
	}
}
