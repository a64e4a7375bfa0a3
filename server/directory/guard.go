package directory

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

var errNoAnswer = errors.New("redis has not answered")

// guarded runs what talks to Redis for as long as there is hope, or not at all while Redis
// is known to be away. The error is ErrUnavailable. After it talk may still be under way,
// so its results must not be looked at.
func (d *Redis) guarded(ctx context.Context, talk func(context.Context) error) error {
	if err := available(ctx); err != nil {
		return err
	}
	if wrong := d.unfit.Load(); wrong != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, *wrong)
	}
	if !d.breaker.allow(time.Now()) {
		return fmt.Errorf("%w: %w", ErrUnavailable, errNoAnswer)
	}
	within, cancel := context.WithTimeout(ctx, callPatience*d.budget)
	done := make(chan error, 1)
	var given atomic.Bool // up
	go func() {
		defer cancel()
		err := d.check(within)
		if err == nil {
			err = talk(within)
		}
		switch {
		case err == nil:
			d.breaker.note(true, time.Now())
		case ctx.Err() != nil: // the caller's impatience says nothing about Redis
			d.breaker.forget()
		case !given.Load():
			d.breaker.note(false, time.Now())
		}
		done <- err
	}()
	err := d.await(ctx, done, &given)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// await returns what comes of a call. It gives up after the budget, unless Redis has
// answered somebody else since, or this process did not run when it should have.
func (d *Redis) await(ctx context.Context, done <-chan error, given *atomic.Bool) error {
	t := time.NewTimer(d.budget)
	defer t.Stop()
	for asked := time.Now(); ; asked = time.Now() {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
		starved := time.Since(asked) > d.budget+d.budget/4
		if !starved && !d.breaker.answeredSince(asked) {
			given.Store(true)
			d.breaker.note(false, time.Now())
			return errNoAnswer
		}
		t.Reset(d.budget)
	}
}
