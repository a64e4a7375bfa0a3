package client

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/report"
)

// Measures are the distributions of what bots went through.
type Measures struct {
	Join   *hdrhistogram.Histogram // from asking for a seat to the first applied snapshot
	Resume *hdrhistogram.Histogram // from the end of a conn to the first snapshot of the next
	Gap    *hdrhistogram.Histogram // between two snapshots; not across a conn's end or an own stall
	Age    *hdrhistogram.Histogram // of a snapshot on arrival: the room's clock then, less its tick's
	Echo   *hdrhistogram.Histogram // from an input's intended send to the frame that acknowledges its tick
	Effect *hdrhistogram.Histogram // from there to the first snapshot of its tick or a later one
	Lag    *hdrhistogram.Histogram // of our own sends behind their schedule; see report.RecordCorrected
}

// NewMeasures returns empty ones.
func NewMeasures() *Measures {
	h := report.NewHistogram
	return &Measures{Join: h(), Resume: h(), Gap: h(), Age: h(), Echo: h(), Effect: h(), Lag: h()}
}

func (m *Measures) all() [7]*hdrhistogram.Histogram {
	return [...]*hdrhistogram.Histogram{m.Join, m.Resume, m.Gap, m.Age, m.Echo, m.Effect, m.Lag}
}

// Merge adds what another has.
func (m *Measures) Merge(other *Measures) {
	from := other.all()
	for i, h := range m.all() {
		h.Merge(from[i])
	}
}

func (m *Measures) reset() {
	for _, h := range m.all() {
		h.Reset()
	}
}

// Meter takes the measures of a share of the bots, so that a thousand bots need no
// thousand sets of histograms: give it to a few dozen or hundred, and merge. Safe from
// any goroutine.
type Meter struct {
	mu  sync.Mutex // guards the following
	now *Measures

	taking sync.Mutex // one Take at a time; guards the following
	spare  *Measures
}

// NewMeter returns an empty meter.
func NewMeter() *Meter { return &Meter{now: NewMeasures(), spare: NewMeasures()} }

// Take moves what was measured since the last Take into m.
func (m *Meter) Take(into *Measures) {
	m.taking.Lock()
	defer m.taking.Unlock()
	m.mu.Lock()
	m.now, m.spare = m.spare, m.now
	m.mu.Unlock()
	into.Merge(m.spare)
	m.spare.reset()
}

// snapshot notes what the arrival of one snapshot says. A gap or an age of 0 says
// nothing.
func (m *Meter) snapshot(gap, age time.Duration, w *waited) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if gap > 0 {
		report.Record(m.now.Gap, gap)
	}
	if age > 0 {
		report.Record(m.now.Age, age)
	}
	for _, d := range w.echo {
		report.Record(m.now.Echo, d)
	}
	for _, d := range w.effect {
		report.Record(m.now.Effect, d)
	}
}

func (m *Meter) join(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	report.Record(m.now.Join, d)
}

func (m *Meter) resume(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	report.Record(m.now.Resume, d)
}

// Lag notes how late a waking was that is meant to come every so often.
func (m *Meter) Lag(late, every time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	report.RecordCorrected(m.now.Lag, late, every)
}
