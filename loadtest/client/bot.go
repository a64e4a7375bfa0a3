package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/schema"
)

const (
	sdk = "roomtick-loadtest/1"

	// leaveGrace is how long a bot that leaves waits for the server's goodbye.
	leaveGrace = 2 * time.Second

	firstBackoff = 50 * time.Millisecond // before the second try of a resume
	maxBackoff   = time.Second
)

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

// Run plays until ctx is done, then leaves, and returns nil; or returns why the bot
// ended before. It returns once all its goroutines have ended. Call it once.
func (b *Bot) Run(ctx context.Context) error {
	for {
		err := b.session(ctx)
		ended := b.out.now()
		b.live.Load().close(b.out)
		if ctx.Err() != nil {
			return nil
		}
		if err = b.judge(err); err == nil {
			err = b.takeBack(ctx, ended)
		}
		if err != nil {
			b.ended = ended
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			b.view.err = err
			return err
		}
	}
}

// session reads one conn until it ends, with the send goroutine beside it.
func (b *Bot) session(ctx context.Context) error {
	c := b.live.Load()
	sending, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if b.opts.Play != PlayIdle {
			b.sender.run(sending)
		}
	}()
	defer func() { cancel(); <-done }()
	stop := context.AfterFunc(ctx, b.leave)
	defer stop()
	for {
		b.stall(ctx)
		if err := b.view.readFrame(c); err != nil {
			return err
		}
	}
}

// leave gives the seat up, and ends the conn if the server does not.
func (b *Bot) leave() {
	b.left.CompareAndSwap(0, int64(b.out.now()))
	c := b.live.Load()
	if b.out.leave() != nil {
		c.cut()
		return
	}
	time.AfterFunc(leaveGrace, c.cut)
}

func (b *Bot) leaving() bool { return b.left.Load() != 0 }

// Cut ends the conn like a dead network, without a word. With Options.Resume the bot
// takes its seat back; that is no fault. Safe from any goroutine.
func (b *Bot) Cut() {
	b.cutting.Store(true)
	b.live.Load().cut()
}

// judge says what the end of a conn means: nil if the seat should be taken back.
func (b *Bot) judge(err error) error {
	if b.cutting.Swap(false) && b.opts.Resume {
		return nil
	}
	code, reason := closeCode(err)
	if !b.view.broken { // else the fault is counted already, and the end is ours
		b.closes[code]++
		err = b.Counters.fault(FaultClose, "%d %s: %s", code, codeName(code), reason)
		b.view.checkGoodbye(code)
	}
	if b.opts.Resume && !b.view.broken && (code == closeAbnormal || schema.CloseCode(code).Reconnect()) {
		return nil
	}
	return err
}

func codeName(code int) string {
	if code == closeAbnormal {
		return "no close frame"
	}
	return schema.CloseCode(code).String()
}

// takeBack resumes the seat, with backoff and full jitter, for as long as a join may
// take.
func (b *Bot) takeBack(outer context.Context, since time.Duration) error {
	ctx, cancel := context.WithTimeout(outer, b.opts.JoinTimeout)
	defer cancel()
	backoff := firstBackoff
	for {
		err := b.connect(ctx, "resume."+b.view.welcome.Secret, b.view.hello())
		if err == nil {
			Record(b.resume, b.out.now()-since)
			b.Counters.Resumes.Add(1)
			return nil
		}
		if code, _ := closeCode(err); b.view.broken || code != closeAbnormal && !schema.CloseCode(code).Reconnect() {
			return b.Counters.fault(FaultResume, "%w", err)
		}
		select {
		case <-ctx.Done():
			if outer.Err() != nil {
				return outer.Err()
			}
			return b.Counters.fault(FaultResume, "%w", err)
		case <-time.After(rand.N(backoff)):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// stall freezes the bot once, if its options say so and the time has come.
func (b *Bot) stall(ctx context.Context) {
	s := b.opts.Stall
	if s.For == 0 || b.stalled || b.out.now()-b.view.first < s.After {
		return
	}
	b.stalled = true
	b.out.freeze(true)
	timer := time.NewTimer(s.For)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	b.out.freeze(false)
	b.view.awoke()
}

// Result returns what the bot has to report. Call it after Run has returned.
func (b *Bot) Result() Result {
	v := &b.view
	end := v.lastCounted
	if left := time.Duration(b.left.Load()); left != 0 {
		end = left
	} else if b.ended != 0 {
		end = b.ended
	}
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
		Gap:     v.gap, Lag: b.sender.lag, Resume: b.resume,
		Closes: b.closes, Faults: faults, Notes: b.Counters.Notes(), Err: v.err,
	}
}
