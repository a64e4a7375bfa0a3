package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

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

	// Safe from any goroutine.
	Counters Counters
	out      *outbox
	left     atomic.Int64 // local time at which Run's ctx was done; from then on nothing counts
	cutting  atomic.Bool  // the next end of the conn is our own doing
	live     atomic.Pointer[conn]

	// Owned by the goroutine of Join, then of Run: the read goroutine.
	view    view
	stalled bool
	asleep  bool          // Run's ctx ended during a stall of our own
	ended   time.Duration // local time at which the bot gave up; 0 if it did not
	closes  map[int]int
	resume  *hdrhistogram.Histogram

	// Owned by the send goroutine.
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
	seat, retries, err := match(ctx, &o)
	if err != nil {
		return nil, err
	}
	b.room, b.url, b.retries = seat.Room, seat.URL, retries
	if err := b.connect(ctx, "seat."+seat.Token, schema.Hello{SDK: sdk}); err != nil {
		return nil, fmt.Errorf("join %s: %w", b.room, err)
	}
	b.joined = time.Since(b.base)
	b.sender.schedule = schedule{tickMS: b.view.tickMS(), phase: o.Phase}
	return b, nil
}

func newBot(o Options) *Bot {
	b := &Bot{opts: o, base: time.Now(), closes: make(map[int]int), resume: NewHistogram()}
	b.out = newOutbox(&b.Counters, b.base)
	b.sender = sender{out: b.out, lag: NewHistogram()}
	b.view = newView(b)
	return b
}

// Room returns the room's id, and the bot's seat in it.
func (b *Bot) Room() (id string, seat uint16) { return b.room, b.view.welcome.Seat }

// JoinTime is how long Join took.
func (b *Bot) JoinTime() time.Duration { return b.joined }

// connect opens a conn, says hello and reads until a snapshot is applied.
func (b *Bot) connect(ctx context.Context, credential string, hello schema.Hello) error {
	c, err := dial(ctx, b.url, credential, &b.Counters.TCPIn, &b.Counters.TCPOut)
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
	end := b.end()
	live := end - v.first
	due := int64(1 + millis(live)/v.sendMS())
	faults := make(map[Fault]int64)
	for _, f := range Faults() {
		faults[f] = b.Counters.Count(f)
	}
	return Result{
		Name: b.opts.Name, Room: b.room, Seat: v.welcome.Seat,
		Join: b.joined, Retries: b.retries,
		Live: live, Due: due,
		Covered: min(due, b.Counters.Received.Load()+b.Counters.Jumped.Load()),
		Gap:     v.gaps(end), Lag: b.sender.lag, Resume: b.resume,
		Bits:   v.bits(),
		Closes: b.closes, Faults: faults, Notes: b.Counters.Notes(), Err: v.err,
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
