package room

import (
	"cmp"
	"time"
)

const (
	firstRTT   = 150 * time.Millisecond // assumed until a conn has acknowledged something
	floorLife  = 10 * time.Second       // how long a smallest round trip is believed without seeing it again
	queueLimit = 110 * time.Millisecond // beyond the smallest round trip, for late acknowledgements: a frame has waited
	emptyLimit = 25 * time.Millisecond  // up to there it has not
)

// roundTrip decides how many frames of a conn may be under way, from how long each took to
// be acknowledged. The samples alone would not do: on a narrow line every frame waits
// behind those sent before, and a limit that grew with them would make the queue that it
// measures. So the smallest round trip only falls by itself; once it has not been seen for
// floorLife, the conn is left to run empty, and the next frame says how long the way is
// now, as TCP BBR does in its ProbeRTT. And a frame that has waited longer than queueLimit
// takes one from the frames allowed at once, one that has waited twice as long all but
// one; a frame that was not alone and has not waited gives one back.
type roundTrip struct {
	floor   time.Duration // of an empty line; 0: not known yet
	least   time.Duration // the smallest since; 0: none
	since   time.Time
	probing bool // nothing is sent until nothing is under way
	allowed int  // frames at once, by the queue they make; 0: not crowded yet
}

// add takes a sample. alone says that nothing else was under way when its frame was sent,
// flying is how many frames are under way now, that one included.
func (r *roundTrip) add(sample time.Duration, at time.Time, alone bool, flying int) {
	if r.probing && alone || r.floor == 0 {
		r.floor, r.least, r.since, r.probing = sample, 0, at, false
	}
	r.floor = min(r.floor, sample)
	switch waited := sample - r.floor; {
	case waited > 2*queueLimit:
		r.allowed = 1
	case waited > queueLimit:
		r.allowed = max(1, min(flying, cmp.Or(r.allowed, flying))-1)
	case waited < emptyLimit && r.allowed > 0 && (!alone || r.allowed == 1):
		r.allowed = min(r.allowed+1, sentSlots)
	}
	if r.least == 0 || sample < r.least {
		r.least = sample
	}
	if at.Sub(r.since) > floorLife {
		r.probing = r.least > r.floor+r.floor/4+emptyLimit
		r.least, r.since = 0, at
	}
}

// limit is how many frames may be under way at once if one is sent every interval: as
// many as the line holds, and gateSlack more for delays that pass.
func (r *roundTrip) limit(interval time.Duration) int {
	if r.probing {
		return 1
	}
	rtt := r.floor
	if rtt == 0 {
		rtt = firstRTT
	}
	holds := int((rtt+interval-1)/interval) + gateSlack
	if r.allowed > 0 {
		return min(r.allowed, holds)
	}
	return holds
}
