package swarm

import (
	"sync"
	"time"
)

// ownCPU is how much CPU this process used, and for how much it had to wait. Safe from
// any goroutine.
type ownCPU struct {
	mu    sync.Mutex // guards the following
	first usage
	last  usage
}

// usage is what the system has counted for this process since it began.
type usage struct {
	at      time.Time
	ran     time.Duration
	waited  time.Duration // runnable, on a core that ran others
	waiting bool          // waited is known
}

func newOwnCPU() *ownCPU {
	now := measureOwn()
	return &ownCPU{first: now, last: now}
}

// since returns the cores that were used since the last call, and the share of the time
// wanted that was spent waiting; -1 if the system does not say.
func (o *ownCPU) since() (cores, waited float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := measureOwn()
	before := o.last
	o.last = now
	return now.since(before)
}

// total is since for the whole run up to the last call.
func (o *ownCPU) total() (cores, waited float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last.since(o.first)
}

func (u usage) since(before usage) (cores, waited float64) {
	passed, ran := u.at.Sub(before.at), u.ran-before.ran
	if passed > 0 {
		cores = ran.Seconds() / passed.Seconds()
	}
	wait := max(0, u.waited-before.waited) // threads that ended take theirs along
	switch {
	case !u.waiting:
		return cores, -1
	case ran+wait <= 0:
		return cores, 0
	}
	return cores, wait.Seconds() / (ran + wait).Seconds()
}
