package impair

import (
	"sync"
	"time"
)

// deadline is a time that may be moved while others wait for it. Safe from any
// goroutine.
type deadline struct {
	mu     sync.Mutex // guards the following
	timer  *time.Timer
	round  int // of set; a timer of an older one has nothing to say
	fired  bool
	passed chan struct{} // closed when the deadline has passed
}

func newDeadline() *deadline { return &deadline{passed: make(chan struct{})} }

// wait returns a channel that is closed once the deadline has passed.
func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passed
}

// set moves the deadline; the zero time is never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.round++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.fired {
		d.fired, d.passed = false, make(chan struct{})
	}
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.fired = true
		close(d.passed)
		return
	}
	round := d.round
	d.timer = time.AfterFunc(left, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.round == round {
			d.fired = true
			close(d.passed)
		}
	})
}
