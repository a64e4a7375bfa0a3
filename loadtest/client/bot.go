package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// sdk is how bots introduce themselves to the server's log.
const sdk = "roomtick-loadtest/1"

// Bot is one headless player. Join makes it, Run plays it.
type Bot struct {
	// Set once by Join; safe from any goroutine.
	opts    Options
	room    string
	url     string
	retries int
	joined  time.Duration
	base    time.Time // local time 0
	sendMS  float64   // between two snapshots; set with the first welcome

	// Safe from any goroutine.
	Counters  Counters
	out       *outbox
	playing   context.Context // done once the bot is to leave, or has ended
	quit      context.CancelFunc
	left      atomic.Int64 // local time at which playing was done; from then on nothing counts
	first     atomic.Int64 // local time of the first snapshot; 0 before
	cutting   atomic.Bool  // the next end of the conn is our own doing
	live      atomic.Pointer[conn]
	described atomic.Pointer[schema.Descriptor]
	looks     chan *look // of the scenario

	// Owned by the goroutine of Join, then of Run: the read goroutine.
	view    view
	shard   *shard // sends the bot's inputs, and reads for it where it can
	stalled bool
	asleep  bool          // playing ended during a stall of our own
	ended   time.Duration // local time at which the bot gave up; 0 if it did not

	// Owned by the pacer.
	sender sender
}

// Join asks for a seat, opens the socket and returns once the first snapshot is
// applied. The caller must then call Run, which ends the conn.
func Join(ctx context.Context, opts Options) (*Bot, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.JoinTimeout)
	defer cancel()
	b := newBot(o)
	start := b.out.now()
	seat, retries, err := match(ctx, &o)
	if err != nil {
		return nil, err
	}
	b.room, b.url, b.retries = seat.Room, seat.URL, retries
	if err := b.connect(ctx, "seat."+seat.Token, schema.Hello{SDK: sdk}); err != nil {
		return nil, fmt.Errorf("join %s: %w", b.room, err)
	}
	b.joined = b.out.now() - start
	o.Meter.join(b.joined)
	b.sender.schedule = schedule{tickMS: b.view.tickMS(), phase: o.Phase}
	return b, nil
}

// newBot takes complete options.
func newBot(o Options) *Bot {
	b := &Bot{opts: o, base: time.Now(), looks: make(chan *look, 1)}
	if o.Pacer != nil {
		b.base = o.Pacer.base
	}
	b.playing, b.quit = context.WithCancel(context.Background())
	b.out = newOutbox(&b.Counters, b.base)
	b.sender = sender{out: b.out}
	b.view = newView(b)
	return b
}

// Room returns the room's id, and the bot's seat in it.
func (b *Bot) Room() (id string, seat uint16) { return b.room, b.view.welcome.Seat }

// Name is the player's.
func (b *Bot) Name() string { return b.opts.Name }

// JoinTime is how long Join took.
func (b *Bot) JoinTime() time.Duration { return b.joined }

// Counts reads the bot's counters, with the ticks due by now. Safe from any goroutine.
func (b *Bot) Counts() Counts {
	n := b.Counters.Counts()
	end := b.out.now()
	if left := time.Duration(b.left.Load()); left != 0 {
		end = left
	}
	b.owe(&n, time.Duration(b.first.Load()), end)
	return n
}

// owe fills in what was due by a time.
func (b *Bot) owe(n *Counts, first, end time.Duration) {
	n.Due = b.due(first, end)
	n.Owed = max(0, n.Due-1)
	n.Paid = min(n.Owed, n.Received+n.Jumped)
}

// due is how many send ticks there are from the first snapshot on to a time.
func (b *Bot) due(first, end time.Duration) int64 {
	if first == 0 {
		return 0
	}
	return int64(1 + millis(end-first)/b.sendMS)
}

// connect opens a conn, says hello and reads until a snapshot is applied.
func (b *Bot) connect(ctx context.Context, credential string, hello schema.Hello) error {
	c, err := dial(ctx, b.url, credential, b.opts.Dial, &b.Counters.TCPIn, &b.Counters.TCPOut)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	b.live.Store(c)
	b.view.attach()
	err = b.out.attach(c, hello)
	for err == nil && !b.view.fresh {
		err = b.view.readFrame(c)
	}
	if err != nil {
		c.close(b.out)
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// Result returns what the bot has to report. Call it after Run has returned.
func (b *Bot) Result() Result {
	v := &b.view
	first, end := time.Duration(b.first.Load()), b.end()
	n := b.Counters.Counts()
	b.owe(&n, first, end)
	closes := make(map[int]int64)
	b.Counters.AddCloses(closes)
	return Result{
		Name: b.opts.Name, Room: b.room, Seat: v.welcome.Seat,
		Join: b.joined, Retries: b.retries, Live: end - first,
		Every:  time.Duration(b.sendMS * float64(time.Millisecond)),
		Counts: n, Covered: min(n.Due, n.Received+n.Jumped),
		Tail: max(0, n.Due-b.due(first, v.lastCounted)), Silence: v.silence,
		Delta: v.bits(), Closes: closes, Notes: b.Counters.Notes(), Err: v.err,
	}
}

// end is the local time up to which snapshots were due. A bot that slept on purpose
// when the run ended was due none after its last.
func (b *Bot) end() time.Duration {
	left := time.Duration(b.left.Load())
	switch {
	case b.asleep:
		return b.view.lastCounted
	case left != 0:
		return left
	case b.ended != 0:
		return b.ended
	}
	return b.view.lastCounted
}
