package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// plan is what a room is to be.
type plan struct {
	game       *sim.Definition
	keep       bool // lives without players
	mode       string
	build      string
	private    bool
	noCode     bool // nobody is to find it but by a token
	password   string
	noLateJoin bool
	kept       []string // players for whom a seat each is kept for a while
	options    []byte   // JSON for the game's Create; those of -room-options if empty
	properties []sim.Property
}

// keptFor is how long seats are kept for players by name: time to follow an invitation.
const keptFor = 2 * time.Minute

// errNoOptions is a game's that takes none.
var errNoOptions = errors.New("the game takes no options")

// open creates a room and runs it until it ends.
func (n *node) open(ctx context.Context, p plan) (*host, error) {
	turn, err := n.beginOpening(p.game)
	if err != nil {
		return nil, err
	}
	owner, err := n.dir.Acquire(ctx, rand.Text(), n.id, 0) // 130 random bits: rooms cannot be guessed
	if err != nil {
		n.opensNot()
		return nil, err
	}
	running, end := context.WithCancelCause(n.cut)
	h := n.newHost(p, owner, end)
	if err = n.makeRoom(h, p, turn); err == nil {
		err = n.publish(ctx, h, p.private && !p.noCode)
	}
	if err == nil && !n.add(h) {
		err = errDraining
	}
	if err != nil {
		end(err)
		n.opensNot()
		return nil, errors.Join(err, n.dir.Release(context.WithoutCancel(ctx), owner))
	}
	h.room.Start(running, func(err error) { n.ended(running, h, err) })
	return h, nil
}

// beginOpening counts a room among those of this node before it is there: many may be
// opened at once. turn is how many were before it, ever.
func (n *node) beginOpening(game *sim.Definition) (turn uint64, err error) {
	files := n.hasFiles(game)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.draining:
		return 0, errDraining
	case len(n.hosted)+n.opening >= n.cfg.maxRooms:
		return 0, errMaxRooms
	case !files:
		return 0, errNoFiles
	}
	n.opening++
	n.opened++
	return n.opened - 1, nil
}

// opensNot takes back what beginOpening has counted; add does so for a room that is there.
func (n *node) opensNot() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opening--
}

func (n *node) newHost(p plan, owner directory.Owner, end context.CancelCauseFunc) *host {
	h := &host{
		game: p.game, owner: owner, keep: p.keep, end: end, pulse: n.cfg.newPulse(),
		kind: kind{p.game.Name(), p.mode}, region: n.cfg.region, build: p.build, private: p.private,
		created: time.Now(), seats: p.game.Config().MaxPlayers - n.cfg.bots, place: outside,
	}
	if n.cfg.build != "" {
		h.build = n.cfg.build
	}
	if p.password != "" {
		sum := sha256.Sum256([]byte(p.password))
		h.password = &sum
	}
	return h
}

// makeRoom makes h's room. The error is a *sim.CreateError where the game refuses what
// the player wished for.
func (n *node) makeRoom(h *host, p plan, turn uint64) (err error) {
	if len(p.options) == 0 {
		p.options = n.cfg.roomOptions
	} else if !p.game.ReadsOptions() {
		return &sim.CreateError{Game: p.game.Name(), Err: errNoOptions}
	}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	h.room, err = room.New(room.Config{
		Beat:        h.pulse.Beat,
		Game:        p.game,
		ID:          h.owner.Room,
		Epoch:       h.owner.Epoch,
		Seed:        binary.LittleEndian.Uint64(seed[:]),
		Options:     p.options,
		Properties:  p.properties,
		Bots:        n.cfg.bots,
		NoLateJoin:  p.noLateJoin,
		Kept:        p.kept,
		KeptUntil:   time.Now().Add(keptFor),
		SeatTimeout: n.cfg.seatTimeout,
		Phase:       phase(turn, p.game.Config().TickRate),
		Log:         n.log,
		Stats:       n.rooms,
		Cost:        n.costs[p.game.Name()],
		Taken:       func(seats int) { n.noteTaken(h, seats) },
		Finished:    n.finished(),
		Door:        func(d room.Door) { n.noteDoor(h, d) },
	})
	if err == nil {
		i := h.room.Info()
		h.taken, h.joinable, h.props = i.Players+i.Reserved, i.Joinable, propertiesOf(i.Properties)
	}
	return err
}

// publish lists a room for the first time, with a code that no other has if it needs one.
func (n *node) publish(ctx context.Context, h *host, coded bool) error {
	for range codeTries {
		if coded {
			h.code = newCode()
		}
		err := n.dir.Renew(ctx, h.listing())
		if !errors.Is(err, directory.ErrCodeTaken) {
			return err
		}
	}
	return directory.ErrCodeTaken
}

// phase is the turn-th point of a sequence that fills the tick period evenly however
// many rooms there are (multiples of the golden ratio). Rooms that tick together
// would each wait for all others.
func phase(turn uint64, tickRate int) time.Duration {
	_, at := math.Modf(float64(turn) * (math.Phi - 1))
	return time.Duration(at * float64(time.Second) / float64(max(tickRate, 1)))
}

// propertiesOf is a room's properties as the directory has them.
func propertiesOf(list []sim.Property) directory.Properties {
	if len(list) == 0 {
		return nil
	}
	props := make(directory.Properties, len(list))
	for _, p := range list {
		props[p.Name] = p.Value.Any()
	}
	return props
}

// propertiesFor is what a room is to say of itself that is made for who looked for one
// with filter: what they asked for, where they did not say it themselves.
func propertiesFor(given []sim.Property, filter map[string]directory.Condition) ([]sim.Property, error) {
	props := slices.Clone(given)
	for _, name := range slices.Sorted(maps.Keys(filter)) {
		if slices.ContainsFunc(given, func(p sim.Property) bool { return p.Name == name }) {
			continue
		}
		var v sim.Value
		c := filter[name]
		switch {
		case len(c.In) > 0:
			var err error
			if v, err = sim.ValueOf(c.In[0]); err != nil {
				return nil, err
			}
		case c.Min != nil:
			v = sim.Number(*c.Min)
		default:
			v = sim.Number(*c.Max)
		}
		props = append(props, sim.Property{Name: name, Value: v})
	}
	slices.SortFunc(props, func(a, b sim.Property) int { return strings.Compare(a.Name, b.Name) })
	return props, sim.CheckProperties(props)
}
