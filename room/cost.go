package room

import (
	"sync"
	"sync/atomic"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// Cost is where the bytes of one game's snapshots go, over all of its rooms: they add
// what they have sent about once a second. One of them at a time also runs a
// delta.Trial, in turns. Safe from any goroutine.
type Cost struct {
	// Set once by NewCost.
	game  string
	desc  *schema.Descriptor
	parts []schema.Part

	// Written by rooms, read by any goroutine: bits, in the order of place.
	made, sent []atomic.Uint64
	frames     atomic.Uint64 // bytes of all frames
	events     atomic.Uint64 // bytes of events in them

	place *delta.Ledger // tells where made and sent have what; books nothing

	trying atomic.Pointer[Room] // whose turn the trial is
	trial  *delta.Trial         // owned by that room

	mu    sync.Mutex       // guards the following
	sizes [][]*delta.Sizes // by part and column; nil for a column that is not tried
}

// NewCost counts for rooms of that game, whose Err must be nil.
func NewCost(game *sim.Definition) *Cost {
	c := &Cost{game: game.Name(), desc: game.Descriptor(), parts: game.Parts()}
	c.place, c.trial = delta.NewLedger(c.parts), delta.NewTrial(c.parts)
	c.made, c.sent = make([]atomic.Uint64, len(c.place.Made)), make([]atomic.Uint64, len(c.place.Sent))
	c.sizes = make([][]*delta.Sizes, len(c.parts))
	for part := range c.parts {
		c.sizes[part] = make([]*delta.Sizes, len(c.parts[part].Columns))
		for column := range c.sizes[part] {
			if c.trial.Counted(part, column) != nil {
				c.sizes[part][column] = new(delta.Sizes)
			}
		}
	}
	return c
}

// trialTurn is how many send ticks a room follows one group in a trial: long enough for
// velocities to be learnt, short enough that all groups and rooms come round.
const trialTurn = 160

// turn is a room's turn with the trial of its game. Owned by the room goroutine.
type turn struct {
	has  bool
	left int // send ticks
	next int // group to look at next, by place in the publisher's order
}

// bookCost adds to the game's costs what the room has sent since the last time. It runs
// after every second of send ticks.
func (r *Room) bookCost() {
	c := r.cfg.Cost
	if c == nil || int(r.pub.seq)%r.sendRate() != 0 {
		return
	}
	r.pub.ledger.Settle()
	r.flushCost()
	t := &r.turn
	if !t.has {
		t.has = c.trying.CompareAndSwap(nil, r)
		if t.has {
			r.followNext()
		}
		return
	}
	c.gather()
	if t.left -= r.sendRate(); t.left <= 0 {
		r.endTurn()
	}
}

// sendRate is snapshots a second.
func (r *Room) sendRate() int { return r.tickRate / int(r.sendEvery) }

// flushCost empties the ledger's sums into the game's.
func (r *Room) flushCost() {
	c, l := r.cfg.Cost, r.pub.ledger
	flush(c.made, l.Made)
	flush(c.sent, l.Sent)
	c.frames.Add(uint64(r.paid.frames))
	c.events.Add(uint64(r.paid.events))
	r.paid = paid{}
}

func flush(dst []atomic.Uint64, sums []uint64) {
	for i, bits := range sums {
		if bits > 0 {
			dst[i].Add(bits)
			sums[i] = 0
		}
	}
}

// paid is bytes that a room has sent since it last told its game's cost.
type paid struct{ frames, events int64 }

// pay books a frame that was sent.
func (r *Room) pay(f *schema.ServerFrame, bytes int) {
	r.sums.bytes += int64(bytes)
	r.paid.frames += int64(bytes)
	r.paid.events += int64(len(f.Events))
}

// followNext begins the trial with the next group that has rows.
func (r *Room) followNext() {
	r.turn.left = trialTurn
	for range r.pub.order {
		g := r.pub.order[r.turn.next%len(r.pub.order)]
		r.turn.next++
		if g.rows() > 0 {
			r.cfg.Cost.trial.Follow(g.stream)
			return
		}
	}
	r.turn.left = 0
}

// endTurn lets another room try.
func (r *Room) endTurn() {
	if r.turn.has {
		r.turn.has = false
		r.cfg.Cost.trial.Follow(nil)
		r.cfg.Cost.trying.Store(nil)
	}
}

// closeCost tells the rest when the room ends.
func (r *Room) closeCost() {
	if r.cfg.Cost == nil {
		return
	}
	r.endTurn()
	r.pub.ledger.Settle()
	r.flushCost()
}

// gather takes in what the trial has counted. Called by the room whose turn it is.
func (c *Cost) gather() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for part := range c.sizes {
		for column, sum := range c.sizes[part] {
			if sum != nil {
				counted := c.trial.Counted(part, column)
				sum.Add(counted)
				*counted = delta.Sizes{}
			}
		}
	}
}
