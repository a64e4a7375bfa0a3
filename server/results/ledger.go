package results

import (
	"context"
	"sync"
	"time"
)

// ledger is what the couriers remember of results that are not done.
type ledger struct {
	store    Store
	couriers int

	mu   sync.Mutex // guards the following
	tale map[string]*tale
	walk uint64 // through what waits, the last that began
}

// tale is what has become of one result so far. A process that starts again tries anew
// with all receivers.
type tale struct {
	has    []bool // by courier: its receiver has the result
	trials []trial
	walk   uint64 // the last one that came across the result
}

// trial is what one courier has tried.
type trial struct {
	attempts int
	accepted int       // the courier's count when it failed last
	aside    bool      // it alone waits
	due      time.Time // until then
	err      error
}

func newLedger(store Store, couriers int) *ledger {
	return &ledger{store: store, couriers: couriers, tale: make(map[string]*tale)}
}

// begin is called before a courier looks through what waits.
func (l *ledger) begin() (walk uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.walk++
	return l.walk
}

// end is called when it has seen all of that. Other results are not its node's to deliver,
// or not any more: another node has done so, or has taken over, or dropped them by hand.
func (l *ledger) end(walk uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.tale {
		if s.walk < walk {
			delete(l.tale, id)
		}
	}
}

// trial returns what a courier has tried with a result, and whether its receiver has it;
// owed says that all have, and only the store does not know yet.
func (l *ledger) trial(id string, courier int) (t trial, has, owed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.tale[id]; s != nil {
		s.walk = l.walk
		return s.trials[courier], s.has[courier], s.all()
	}
	return trial{}, false, false
}

// note remembers a trial.
func (l *ledger) note(id string, courier int, t trial) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ofLocked(id).trials[courier] = t
}

// accept remembers that a receiver has a result. The store is told once all have it.
func (l *ledger) accept(ctx context.Context, id string, courier int) error {
	l.mu.Lock()
	s := l.ofLocked(id)
	s.has[courier] = true
	all := s.all()
	l.mu.Unlock()
	if !all {
		return nil
	}
	if err := l.store.Done(ctx, id); err != nil {
		return err
	}
	l.forget(id)
	return nil
}

// forget is for a result that is done.
func (l *ledger) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tale, id)
}

// troubles returns how often a result was tried at most, and what was wrong last.
func (l *ledger) troubles(id string) (attempts int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.tale[id]; s != nil {
		for _, t := range s.trials {
			if t.attempts >= attempts && t.err != nil {
				attempts, err = t.attempts, t.err
			}
		}
	}
	return attempts, err
}

func (l *ledger) ofLocked(id string) *tale {
	s := l.tale[id]
	if s == nil {
		s = &tale{has: make([]bool, l.couriers), trials: make([]trial, l.couriers)}
		l.tale[id] = s
	}
	s.walk = l.walk
	return s
}

func (s *tale) all() bool {
	for _, has := range s.has {
		if !has {
			return false
		}
	}
	return true
}
