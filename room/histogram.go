package room

import (
	"sync/atomic"
	"time"
)

const (
	histogramBuckets = 20
	histogramFirst   = 10e-6 // upper bound of the first bucket in seconds; each next is twice it
)

// Histogram counts durations in buckets that double from 10 us to about 5 s. Any
// goroutine may use it.
type Histogram struct {
	counts [histogramBuckets + 1]atomic.Uint64
	nanos  atomic.Int64
}

// Observe adds one duration.
func (h *Histogram) Observe(d time.Duration) {
	bound, i := time.Duration(histogramFirst*1e9), 0
	for i < histogramBuckets && d > bound {
		bound *= 2
		i++
	}
	h.counts[i].Add(1)
	h.nanos.Add(int64(d))
}

// Snapshot returns the buckets' upper bounds in seconds, how many durations fell
// into each (one more than bounds: the last is unbounded), and their sum in seconds.
func (h *Histogram) Snapshot() (bounds []float64, counts []uint64, sum float64) {
	bound := histogramFirst
	for range histogramBuckets {
		bounds = append(bounds, bound)
		bound *= 2
	}
	for i := range h.counts {
		counts = append(counts, h.counts[i].Load())
	}
	return bounds, counts, time.Duration(h.nanos.Load()).Seconds()
}
