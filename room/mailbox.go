package room

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// How many requests may wait for the gap between two ticks: two for each seat, and for who
// asks how the room is. When it is full callers wait, for as long as their context lets them.
const (
	minMailbox = 8
	maxMailbox = 64
)

func mailboxSize(game *sim.Config) int {
	return min(max(2*(game.MaxPlayers+game.MaxSpectators), minMailbox), maxMailbox)
}

// request runs on the room goroutine between two ticks, unless its caller has given up.
type request struct {
	run   func(now time.Time) error
	reply chan error // holds one
	taken *atomic.Bool
}

// serve answers a request that nobody has given up.
func (q request) serve(now time.Time) {
	if q.taken.CompareAndSwap(false, true) {
		q.reply <- q.run(now)
	}
}

// refuse answers a request that nobody has given up: the room has ended.
func (q request) refuse() {
	if q.taken.CompareAndSwap(false, true) {
		q.reply <- ErrEnded
	}
}

// serveWaiting answers who has been waiting, so that a room whose ticks take longer than
// their period does not answer one of them a tick: most would have given up before their
// turn, and their places in the mailbox would keep the next ones from it.
func (r *Room) serveWaiting() {
	for range len(r.mailbox) {
		if r.ending != 0 {
			return
		}
		req := <-r.mailbox // the loop is its only reader
		req.serve(time.Now())
	}
}

// Answer waits until the room is between two ticks: who asks knows then that it is not
// stuck. It returns ErrEnded, or the context's cause if that ended first.
func (r *Room) Answer(ctx context.Context) error {
	return r.between(ctx, func(time.Time) error { return nil })
}

// between runs fn on the room goroutine between two ticks and returns its result,
// ErrEnded if the room ended first, or the context's cause if that ended before fn was
// begun: then fn never runs.
func (r *Room) between(ctx context.Context, fn func(now time.Time) error) error {
	req := request{run: fn, reply: make(chan error, 1), taken: new(atomic.Bool)}
	select {
	case r.mailbox <- req:
	case <-r.done:
		return ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	giveUp := ctx.Done()
	for {
		select {
		case err := <-req.reply:
			return err
		case <-giveUp:
			if req.taken.CompareAndSwap(false, true) {
				return context.Cause(ctx)
			}
			giveUp = nil // it is running: its result counts
			continue
		case <-r.done:
		}
		select {
		case err := <-req.reply:
			return err
		default:
			return ErrEnded
		}
	}
}
