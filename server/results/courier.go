package results

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

const (
	backoffFirst = time.Second
	backoffMost  = time.Minute

	// refusalPause, for each refusal in a row, up to a second: a receiver that refuses
	// everything is not asked as fast as it can answer.
	refusalPause = 10 * time.Millisecond
)

// backoff is how long to wait after the n-th failure: anything up to a limit that doubles,
// so that those who failed together do not come back together.
func backoff(n int) time.Duration {
	limit := backoffMost
	if n < 7 { // 2^6 s is more
		limit = backoffFirst << max(n-1, 0)
	}
	return rand.N(limit) + time.Millisecond
}

// courier offers results to one receiver, one at a time and the oldest first.
//
// While the receiver fails, everything waits: results arrive in order after any outage. But
// one that nobody can accept must not hold up the rest. So when an attempt has failed the
// next one is with another result, and one that fails again although others were accepted
// since stands aside, with a backoff of its own. So does one that is refused.
type courier struct {
	// Set once.
	to     Receiver
	number int // in the ledger
	store  Store
	ledger *ledger
	log    *slog.Logger
	stats  *stats
	fault  func(step string) // told of every step of a delivery; for tests
	wake   chan struct{}     // holds one: a result was appended

	// Owned by run.
	accepted int
	failures int    // in a row, of the receiver as a whole
	refusals int    // in a row
	suspect  string // the only result that has failed since one was accepted; empty: none, or several
	several  bool
	choice   choice
}

// run delivers until ctx ends.
func (c *courier) run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := c.once(ctx)
		if wait <= 0 {
			continue
		}
		timer := time.NewTimer(wait)
		wake := c.wake
		if c.failures > 0 && c.suspect == "" {
			wake = nil // it is the receiver that fails: new results wait like the others
		}
		select {
		case <-timer.C:
		case <-wake:
			c.choice.probe = c.failures > 0 // the new one shows whose fault it is
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// once makes one attempt, and returns how long to wait before the next.
func (c *courier) once(ctx context.Context) time.Duration {
	e, wait, err := c.next(ctx, time.Now())
	if err != nil {
		return c.storeFailed(err)
	}
	if e == nil {
		return wait
	}
	t, has, _ := c.ledger.trial(e.ID, c.number)
	if has { // and so have all: only the store has not been told
		return c.settle(ctx, e)
	}
	body, err := c.store.Load(ctx, e.ID)
	if errors.Is(err, ErrGone) {
		c.ledger.forget(e.ID)
		return 0
	}
	if err != nil {
		return c.storeFailed(err)
	}
	t.attempts++
	c.fault("sending")
	a := c.to.Deliver(ctx, e.ID, body, t.attempts)
	c.fault("answered")
	if ctx.Err() != nil && a.Verdict != Accepted {
		return 0 // cut short by the end of the process
	}
	c.stats.attempt(c.number, a.Verdict)
	if a.Verdict == Accepted {
		c.accepted++
		c.failures, c.refusals, c.choice.probe = 0, 0, false
		c.suspect, c.several = "", false
		return c.settle(ctx, e)
	}
	c.log.Warn("a result was not accepted", "receiver", c.to.Name(), "result", e.ID,
		"attempt", t.attempts, "verdict", a.Verdict.String(), "cause", a.Err)
	return c.putOff(e, t, a)
}

// settle tells the ledger that the receiver has a result.
func (c *courier) settle(ctx context.Context, e *Entry) time.Duration {
	if err := c.ledger.accept(ctx, e.ID, c.number); err != nil {
		return c.storeFailed(err)
	}
	c.fault("done")
	return 0
}

func (c *courier) storeFailed(err error) time.Duration {
	if errors.Is(err, ErrClosed) {
		return backoffMost // the end is near
	}
	c.failures++
	c.log.Warn("the store of results fails", "receiver", c.to.Name(), "cause", err)
	return backoff(c.failures)
}

// putOff decides who waits after an attempt that was not accepted, and for how long.
func (c *courier) putOff(e *Entry, t trial, a Answer) time.Duration {
	again := t.attempts > 1 && t.accepted != c.accepted // others were accepted in between
	t.accepted, t.err = c.accepted, a.Err
	c.choice.probe = a.Verdict == Failed && !c.choice.probe
	var wait time.Duration
	switch {
	case a.Verdict == Refused:
		c.failures = 0 // the receiver is well
		c.refusals++
		wait = min(time.Duration(c.refusals)*refusalPause, time.Second)
		fallthrough
	case a.Verdict == Failed && again:
		t.aside, t.due = true, time.Now().Add(max(backoff(t.attempts), a.After))
	default:
		c.failures++
		c.accuse(e.ID, a.Verdict)
		wait = max(backoff(c.failures), a.After)
	}
	c.ledger.note(e.ID, c.number, t)
	return wait
}

// accuse notes whose fault a failure may be: a result's, as long as no other has failed.
func (c *courier) accuse(id string, v Verdict) {
	c.several = c.several || v == Away || c.suspect != "" && c.suspect != id
	c.suspect = id
	if c.several {
		c.suspect = ""
	}
}
