package client

import (
	"time"

	"github.com/roomtick/roomtick/loadtest/report"
)

// Result is what one bot has to report once Run has returned.
type Result struct {
	Name    string
	Room    string
	Seat    uint16
	Join    time.Duration // from asking for a seat to the first applied snapshot
	Retries int           // times matchmaking asked it to come back later
	Live    time.Duration // from the first snapshot to the end of Run, or to the stall it ended in
	Every   time.Duration // from one snapshot to the next
	Counts  Counts        // Due is the send ticks in that time, by our clock
	Covered int64         // of those, received or jumped over
	Tail    int64         // of those, the ones after the newest snapshot
	Silence Silence       // the longest
	Delta   report.DeltaBytes
	Closes  map[int]int64 // conns that ended unasked for, by close code; 1006 is without one
	Notes   []string      // the first faults in words
	Err     error         // why the bot ended early; nil if it stayed to the end
}

// Silence is a time in which a bot got no snapshot, with a conn or without; what it slept
// through on purpose is none.
type Silence struct {
	Length time.Duration
	From   time.Time
}

// Reach is the share of due send ticks that were received or jumped over.
func (r *Result) Reach() float64 {
	if r.Counts.Due == 0 {
		return 1
	}
	return float64(r.Covered) / float64(r.Counts.Due)
}
