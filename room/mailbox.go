package room

import (
	"context"
	"sync/atomic"
	"time"
)

// mailboxSize is how many requests may wait for the gap between two ticks. When it
// is full callers wait, for as long as their context lets them.
const mailboxSize = 64

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
