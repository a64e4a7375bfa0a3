package directory

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// grave is how long a room that is gone is remembered, so that an owner who does not know
// is told.
const grave = time.Minute

// Memory is the Directory of a single node. Its leases matter to the conformance suite
// only: the one node renews in time or is gone with the directory.
type Memory struct {
	lease time.Duration
	born  time.Time

	mu      sync.Mutex // guards the following
	rooms   map[string]*record
	public  catalog
	holders map[string]*record // rooms that have had holds
	due     time.Time          // when the first of them may run out
	codes   map[string]string  // rooms by code
	purged  time.Time          // when rooms were last looked through for dead ones
	nodes   map[string]announced
	tickets tickets
	leases  map[string]held
	results results
	last    uint64 // highest epoch given out, of anything
}

// NewMemory returns an empty Memory whose leases last for lease.
func NewMemory(lease time.Duration) *Memory {
	return &Memory{
		lease:   lease,
		born:    time.Now(),
		rooms:   make(map[string]*record),
		holders: make(map[string]*record),
		codes:   make(map[string]string),
		purged:  time.Now(),
		nodes:   make(map[string]announced),
		tickets: tickets{byID: make(map[string]*waiting), queues: make(map[string]*queue)},
		leases:  make(map[string]held),
		results: results{known: make(map[string]time.Time)},
	}
}

// epochLocked returns one above every earlier one and floor.
func (d *Memory) epochLocked(now time.Time, floor uint64) uint64 {
	d.last = max(d.last+1, floor+1, uint64(now.UnixMicro()))
	return d.last
}

// available turns an ended context into the answer every Directory gives to one.
func available(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
	return nil
}
