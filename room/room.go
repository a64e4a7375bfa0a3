// Package room is the authority: one goroutine owns one running match, simulates it
// at a fixed tick, and sends every player the deltas of what that player may see.
// It knows conns only as an interface and time only as an argument of its tick.
package room

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

const (
	defaultSeatTimeout = 60 * time.Second
	noSeat             = sim.NoSeat

	// windowSeconds of published state are kept for spans: past one second of lag a
	// client gets a keyframe anyway, and returning clients gain little beyond.
	windowSeconds = 1.5
	minWindow     = 8
	maxWindow     = 128

	// firstFrame is how much memory there is for a frame at first: it grows with the first
	// larger one, and a small room never has that.
	firstFrame = 512
)

// Config describes one room.
type Config struct {
	Game    *sim.Definition // required; Err() must be nil
	ID      string          // required, at least 128 random bits in public use
	Epoch   uint64          // rises with every owner of the room
	Seed    uint64          // of the simulation's random numbers
	Options []byte          // JSON given to the game's Create; may be empty
	Bots    int             // seats filled by the game's brain

	Properties []sim.Property // what the room's creator says of it; the game may change them
	NoLateJoin bool           // nobody comes in once the match has begun, or every seat was taken
	Kept       []string       // ids of players for whom a seat each is kept
	KeptUntil  time.Time      // when the kept seats are open to all

	// Beat is called at the start of every tick, so that conns that leave reading to their
	// room read what came in; it must not wait. It reports whether the rest of a frame
	// waits for its socket: then it is called between ticks, too. May be nil.
	Beat func(now time.Time) (unsent bool)

	SeatTimeout time.Duration // how long a seat outlives its conn; 60 s if 0
	Phase       time.Duration // added to the first deadline, so that rooms spread over the tick period
	Log         *slog.Logger  // discarded if nil
	Stats       *Stats        // private if nil
	Cost        *Cost         // of Game; nothing is told where bytes went if nil

	// Taken, if set, is told how many seats people have or are held for, by the room
	// goroutine, each time that changes. It must not wait for the room.
	Taken func(seats int)

	// Finished, if set, is given the result of the match, by the room goroutine, at most
	// once. It must not wait. The players are told that the match is over when the channel
	// it returns is closed: the result is safe then.
	Finished func(Outcome) (saved <-chan struct{})

	// Door, if set, is told what matchmaking has to know of the room, by the room
	// goroutine, each time that changes. It must not wait for the room.
	Door func(Door)
}

// Room is one running match. Methods without another word are safe from any
// goroutine.
type Room struct {
	// Set once by New.
	cfg       Config
	log       *slog.Logger
	period    time.Duration // of a tick
	tickRate  int           // ticks per second
	sendEvery uint32        // ticks per send
	mailbox   chan request  // bounded; see mailbox.go
	done      chan struct{} // closed when the room has ended

	describedBy string // hash of the game's descriptor

	// Its behind is set once by New; the rest is owned by the room goroutine.
	gallery *gallery // nil: nobody may watch

	// Written by the room goroutine, read by any.
	count counters

	// Owned by the room goroutine.
	sim          *sim.Instance
	pub          *publisher
	seats        []seat
	anchor       anchor
	builder      *schema.Builder
	frame        frameScratch
	receive      func(time.Time, *schema.ClientFrame) // receiveFrame, bound once
	watchReceive func(time.Time, *schema.ClientFrame) // receiveWatching, likewise
	taking       *seat                                // whose conn is being drained
	refused      error                                // why that conn is to be closed
	kept         []string                             // players for whom a seat each is kept
	door         sim.Door                             // what the game told matchmaking last
	locked       bool                                 // by Lock
	begun        bool                                 // every seat was taken once; counted with NoLateJoin only

	sums   sums // of this tick
	paid   paid
	turn   turn
	unsent bool // a conn has the rest of a frame to send

	kicks      []sim.Kick // scratch of judge
	clamped    uint64     // values clamped so far
	clampsSeen []string   // fields whose clamping was logged
	chunk      []byte     // event payloads are cut from it
	traces     []*Trace

	ending schema.CloseCode // not 0 once the room is to end
	retry  time.Duration    // hint for clients when ending by a restart
	reason string           // for the players; the ending's name if empty

	finished bool            // the result has been handed over
	saved    <-chan struct{} // closed when it is stored; nil if nobody wants it
}

// New prepares a room; Run starts it. It reports every problem of cfg at once.
func New(cfg Config) (*Room, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	in, err := create(cfg)
	if err != nil {
		return nil, fmt.Errorf("room %s: %w", cfg.ID, err)
	}
	game := cfg.Game.Config()
	window := int(windowSeconds * float64(game.SendRate))
	r := &Room{
		cfg:       cfg,
		log:       cfg.Log.With("room", cfg.ID),
		period:    time.Second / time.Duration(game.TickRate),
		tickRate:  game.TickRate,
		sendEvery: uint32(game.TickRate / game.SendRate),
		mailbox:   make(chan request, mailboxSize(&game)),
		done:      make(chan struct{}),
		sim:       in,
		seats:     make([]seat, game.MaxPlayers),
		builder:   schema.NewBuilder(firstFrame),

		describedBy: cfg.Game.Descriptor().Hash(),
	}
	r.pub = newPublisher(in, min(max(window, minWindow), maxWindow))
	in.SetHistory(hindsight{r})
	r.receive = r.receiveFrame
	r.watchReceive = r.receiveWatching
	r.gallery = newGallery(&game)
	r.anchor.tick = uint64(in.Tick())
	for i := range r.seats {
		r.seats[i].player.Seat = sim.Seat(i)
	}
	r.kept = cfg.Kept
	r.count.kept.Store(int32(len(r.kept)))
	r.door = in.Door()
	r.count.door.Store(&Door{Properties: r.door.Properties, Joinable: r.joinable(), Started: r.door.Started})
	return r, nil
}

func (c *Config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("room: "+format, args...)) }
	if c.Game == nil {
		return errors.New("room: Config.Game is nil; use the value that sim.Define returned")
	}
	if err := c.Game.Err(); err != nil {
		return err
	}
	if c.ID == "" {
		bad("Config.ID is empty; use a random one")
	}
	if limit := c.Game.Config().MaxPlayers; c.Bots < 0 || c.Bots > limit {
		bad("Config.Bots is %d; use 0 to %d, the game's MaxPlayers", c.Bots, limit)
	}
	if limit := c.Game.Config().MaxPlayers - c.Bots; len(c.Kept) > max(0, limit) {
		bad("Config.Kept names %d players; the room has %d seats for people", len(c.Kept), limit)
	}
	if c.Bots > 0 && !c.Game.HasBrain() {
		bad("%s has no computer players; give it a method Think or set Config.Bots to 0", c.Game.Name())
	}
	if c.SeatTimeout == 0 {
		c.SeatTimeout = defaultSeatTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Stats == nil {
		c.Stats = new(Stats)
	}
	if c.Beat == nil {
		c.Beat = func(time.Time) bool { return false }
	}
	return errors.Join(errs...)
}

// create makes the simulation. The game's own code runs in it: a panic there is an
// error of this room, not the end of the process.
func create(cfg Config) (in *sim.Instance, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("game panicked in Create: %v", value)
		}
	}()
	return cfg.Game.NewRoom(sim.Setup{Seed: cfg.Seed, Options: cfg.Options, Properties: cfg.Properties})
}

// Done is closed when the room has ended.
func (r *Room) Done() <-chan struct{} { return r.done }

// loop runs ticks at their deadlines and requests between them until the room ends.
func (r *Room) loop(ctx context.Context) error {
	r.fillBots()
	pace := newPacer(r.period, time.Now().Add(r.cfg.Phase+r.period))
	timer := time.NewTimer(pace.wait(time.Now()))
	defer timer.Stop()
	for {
		select {
		case now := <-timer.C:
			if pace.wait(time.Now()) > 0 { // not a tick yet
				r.unsent = r.cfg.Beat(now)
			} else {
				deadline, skipped := pace.take(time.Now())
				r.cfg.Stats.TicksSkipped.Add(int64(skipped))
				r.tick(deadline)
				r.serveWaiting()
			}
			timer.Reset(r.sleep(pace.wait(time.Now())))
		case req := <-r.mailbox:
			req.serve(time.Now())
		case <-ctx.Done():
			r.end(schema.CloseRestart)
			return context.Cause(ctx)
		}
		if r.ending != 0 {
			return nil
		}
	}
}

// restEvery is how soon a room with the rest of a frame on its hands looks whether the
// socket has space again. A first frame of 100 KB to a slow client would take seconds if a
// room of two ticks a second only wrote at its ticks.
const restEvery = 10 * time.Millisecond

// sleep is how long the room sleeps when its next tick is due after wait.
func (r *Room) sleep(wait time.Duration) time.Duration {
	if r.unsent {
		return min(wait, restEvery)
	}
	return wait
}

// tick is the whole way of an input: from the conns through the simulation to
// everybody's next frame. Its phases are metrics under the same names.
func (r *Room) tick(deadline time.Time) {
	stats := r.cfg.Stats
	watch := stopwatch{start: time.Now()}
	watch.last = watch.start
	r.anchor = anchor{tick: r.anchor.tick + 1, at: deadline}

	r.unsent = r.cfg.Beat(watch.start)
	r.expire(watch.start)
	r.drain(watch.start)
	r.watchDrain(watch.start)
	r.feed()
	watch.lap(&stats.Phases[PhaseDrain])

	r.sim.Step()
	r.trace()
	watch.lap(&stats.Phases[PhaseStep])

	sending := r.sim.Tick()-r.pub.tick >= r.sendEvery
	if sending {
		r.pub.publish()
	}
	if sending || len(r.sim.Events()) > 0 {
		r.look(sending)
	}
	r.postEvents()
	r.judge()
	watch.lap(&stats.Phases[PhasePublish])

	if sending {
		r.fanOut(watch.last)
		r.bookCost()
	}
	watch.lap(&stats.Phases[PhaseFanOut])
	r.measure(&watch)
}

// stopwatch books the phases of a tick one after the other.
type stopwatch struct {
	start, last time.Time
}

func (w *stopwatch) lap(phase *Histogram) {
	now := time.Now()
	phase.Observe(now.Sub(w.last))
	w.last = now
}

// measure books the tick as a whole.
func (r *Room) measure(watch *stopwatch) {
	stats := r.cfg.Stats
	late := watch.start.Sub(r.anchor.at)
	stats.Ticks.Add(1)
	r.sums.book(stats)
	if late >= r.period {
		stats.TicksLate.Add(1)
	}
	stats.Lateness.Observe(late)
	stats.TickTime.Observe(watch.last.Sub(watch.start))
	r.count.tick.Store(r.sim.Tick())
}

// judge carries out what the game decided in its step, once its events are in the
// outboxes: the hooks that run from here on send events of their own, which belong to
// the next tick and may overwrite what Step sent.
func (r *Room) judge() {
	r.kicks = append(r.kicks[:0], r.sim.Kicked()...)
	over := r.sim.Ended()
	if over {
		r.finish() // before anybody leaves
	}
	for _, k := range r.kicks {
		s := &r.seats[k.Seat]
		if s.state == seatFree || s.state == seatReserved {
			continue
		}
		r.kick(s, shorten(k.Reason))
	}
	for i := range r.seats {
		if s := &r.seats[i]; s.overflow {
			s.overflow = false
			r.drop(s, schema.CloseEventOverflow)
			s.outbox.shed()
		}
	}
	r.noteClamps()
	r.noteDoor()
	if over {
		r.end(schema.CloseRoomGone)
	}
}

// maxReason bounds the reason of a kick in runes, for logs and goodbyes.
const maxReason = 120

func shorten(reason string) string {
	if runes := []rune(reason); len(runes) > maxReason {
		return string(runes[:maxReason])
	}
	return reason
}

// noteClamps logs each field the first time that a value of it had to be brought into
// its range.
func (r *Room) noteClamps() {
	total := r.sim.Clamped()
	if total == r.clamped {
		return
	}
	r.cfg.Stats.Clamped.Add(int64(total - r.clamped))
	r.clamped = total
	for _, c := range r.sim.ClampCounts() {
		if !slices.Contains(r.clampsSeen, c.Field) {
			r.clampsSeen = append(r.clampsSeen, c.Field)
			r.log.Warn("value out of the field's range was clamped; further ones are only counted", "field", c.Field, "tick", r.sim.Tick())
		}
	}
}

// anchor ties a tick to its deadline, so that wall time can be read as room time. It
// counts in 64 bits: room time goes on where the tick number wraps.
type anchor struct {
	tick uint64
	at   time.Time
}

// roomTime is a wall time in milliseconds on the room's own axis, where tick n is at
// n periods. Periods that were given up do not exist on it.
func (r *Room) roomTime(at time.Time) float64 {
	period := float64(r.period) / 1e6
	return float64(r.anchor.tick)*period + float64(at.Sub(r.anchor.at))/1e6
}

// sendsBetween turns a client's wish of hz snapshots a second into sends of the
// room per send of that conn.
func (r *Room) sendsBetween(hz uint8) uint32 {
	rate := uint32(r.tickRate) / r.sendEvery
	if hz == 0 || uint32(hz) >= rate {
		return 1
	}
	return (rate + uint32(hz) - 1) / uint32(hz)
}
