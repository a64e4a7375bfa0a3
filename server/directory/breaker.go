package directory

import (
	"sync"
	"time"
)

const (
	// breakerFailures in a row mean that Redis is away; one may be a bad moment.
	breakerFailures = 3

	// breakerPause is between two tries while it is away.
	breakerPause = 250 * time.Millisecond
)

// breaker lets one call in breakerPause through while all fail, so that nobody waits for
// what is not there. The zero value lets all through.
type breaker struct {
	mu       sync.Mutex // guards the following
	failures int        // in a row
	answered time.Time  // when a call last went well
	next     time.Time  // when the next try may be made
}

// allow tells whether to try. Who is allowed to says what came of it by note or forget.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breakerFailures {
		return true
	}
	if now.Before(b.next) {
		return false
	}
	b.next = now.Add(breakerPause)
	return true
}

func (b *breaker) note(ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		b.failures, b.answered = 0, now
		return
	}
	b.failures++
	b.next = now.Add(breakerPause)
}

// answeredSince tells whether a call has gone well after at.
func (b *breaker) answeredSince(at time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.answered.After(at)
}

// forget gives a try back that said nothing.
func (b *breaker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = time.Time{}
}
