package client

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/roomtick/roomtick/schema"
)

const (
	// leaveGrace is how long a bot that leaves waits for the server's goodbye.
	leaveGrace = 2 * time.Second

	firstBackoff = 50 * time.Millisecond // before the second try of a resume
	maxBackoff   = time.Second
)

// Run plays until ctx is done, then leaves, and returns nil; or returns why the bot
// ended before. It returns once all its goroutines have ended. Call it once.
func (b *Bot) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, b.quit)
	defer stop()
	defer b.ownPacer()()
	b.shard = b.opts.Pacer.share()
	wait := b.script()
	unpace := func() {}
	if b.opts.Play != PlayIdle {
		every := b.sender.schedule.every()
		unpace = b.shard.add(b.out.now(), every, b.opts.Meter, b.sender.turn)
	}
	err := b.play(b.playing)
	unpace()
	b.quit()
	wait()
	b.view.finish(b.end())
	return err
}

// ownPacer runs a pacer of the bot's own if it was given none, until the returned end
// is called.
func (b *Bot) ownPacer() (end func()) {
	if b.opts.Pacer != nil {
		return func() {}
	}
	p := NewPacer(1)
	p.base, p.shards[0].base = b.base, b.base
	b.opts.Pacer = p
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	return func() { cancel(); <-done }
}

// play is one session after the other.
func (b *Bot) play(ctx context.Context) error {
	for {
		err := b.session(ctx)
		ended := b.out.now()
		b.live.Load().close(b.out)
		if over(ctx) {
			return nil
		}
		if err = b.judge(err); err == nil {
			err = b.takeBack(ctx, ended)
		}
		if over(ctx) {
			b.left.CompareAndSwap(0, int64(b.out.now())) // due to the end, in or out
			return nil
		}
		if err != nil {
			b.ended, b.view.err = ended, err
			return err
		}
	}
}

func over(ctx context.Context) bool { return ctx.Err() != nil }

// session reads one conn until it ends.
func (b *Bot) session(ctx context.Context) error {
	c := b.live.Load()
	read, left := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() { defer close(left); b.leave(c, read) })
	defer func() {
		close(read)
		if !stop() {
			<-left
		}
	}()
	for {
		b.stall(ctx)
		if err := b.follow(c); err != nil {
			return err
		}
		if err := b.view.readFrame(c); err != nil {
			return err
		}
	}
}

// leave gives the seat up, and ends the conn if the server does not. It returns when
// read is closed: the conn has ended.
func (b *Bot) leave(c *conn, read <-chan struct{}) {
	b.left.CompareAndSwap(0, int64(b.out.now()))
	grace := leaveGrace
	if b.out.leave() != nil {
		grace = 0
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-read:
	case <-timer.C:
		c.cut()
	}
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
		b.Counters.close(code)
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
			b.opts.Meter.resume(b.out.now() - since)
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
	if s.For == 0 || b.stalled || b.out.now()-time.Duration(b.first.Load()) < s.After {
		return
	}
	b.stalled = true
	b.out.freeze(true)
	timer := time.NewTimer(s.For)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		b.asleep = true
	case <-timer.C:
	}
	b.out.freeze(false)
	b.view.awoke()
}
