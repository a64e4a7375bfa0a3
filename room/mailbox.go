package room

import (
	"context"
	"time"
)

// mailboxSize is how many requests may wait for the gap between two ticks. When it
// is full callers wait, for as long as their context lets them.
const mailboxSize = 64

// request runs on the room goroutine between two ticks.
type request struct {
	run   func(now time.Time) error
	reply chan error // holds one
}

// between runs fn on the room goroutine between two ticks and returns its result,
// ErrEnded if the room ended first, or the context's cause.
func (r *Room) between(ctx context.Context, fn func(now time.Time) error) error {
	req := request{run: fn, reply: make(chan error, 1)}
	select {
	case r.mailbox <- req:
	case <-r.done:
		return ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-req.reply:
		return err
	case <-r.done:
		select {
		case err := <-req.reply:
			return err
		default:
			return ErrEnded
		}
	}
}
