package client

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histograms count in units of 10 us up to 30 s, to two digits: 15 KB each, and a bot
// has one per goroutine, so that recording needs no lock.
const (
	histogramUnit = 10 * time.Microsecond
	histogramTop  = int64(30 * time.Second / histogramUnit)
)

// NewHistogram returns an empty histogram that those of bots can be merged into. Its
// unit is 10 us.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, histogramTop, 2)
}

// Quantile returns a quantile (0 to 100) of a histogram made by NewHistogram.
func Quantile(h *hdrhistogram.Histogram, q float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(q)) * histogramUnit
}

// Record adds a duration to a histogram made by NewHistogram; what is beyond the
// range counts as its end.
func Record(h *hdrhistogram.Histogram, d time.Duration) {
	units := min(max(int64(d/histogramUnit), 0), histogramTop)
	_ = h.RecordValue(units) // in range by the line above
}

// RecordCorrected adds how late something was that should happen every so often, and
// how late each was that it missed meanwhile: asleep for a second, a probe of every
// 10 ms is late 100 times, by 1,000 ms down to 10 ms.
func RecordCorrected(h *hdrhistogram.Histogram, late, every time.Duration) {
	Record(h, late)
	if every <= 0 {
		return
	}
	for late -= every; late >= every; late -= every {
		Record(h, late)
	}
}

// Result is what one bot has to report once Run has returned.
type Result struct {
	Name    string
	Room    string
	Seat    uint16
	Join    time.Duration           // from asking for a seat to the first applied snapshot
	Retries int                     // times matchmaking asked it to come back later
	Live    time.Duration           // from the first snapshot to the end of Run, or to the stall it ended in
	Due     int64                   // send ticks in that time, by our clock
	Covered int64                   // of those, received or jumped over
	Gap     *hdrhistogram.Histogram // between two snapshots, and from the last to the end of Run; not across a conn's end or an own stall
	Lag     *hdrhistogram.Histogram // of our own sends behind their schedule
	Resume  *hdrhistogram.Histogram // from the end of a conn to the first snapshot of the next
	Bits    map[string]int64        // of deltas: by column ("ships.x"), and what belongs to none ("log")
	Closes  map[int]int             // conns that ended unasked for, by close code; 1006 is without one
	Faults  map[Fault]int64
	Notes   []string // the first faults in words
	Err     error    // why the bot ended early; nil if it stayed to the end
}

// Reach is the share of due send ticks that were received or jumped over.
func (r *Result) Reach() float64 {
	if r.Due == 0 {
		return 1
	}
	return float64(r.Covered) / float64(r.Due)
}
