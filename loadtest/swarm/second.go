package swarm

import (
	"context"
	"maps"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

// shortestPoint is how much of a last second makes a point of its own; less is added
// to the totals alone.
const shortestPoint = 500 * time.Millisecond

// timeline is the run so far, second by second, and what it was at the last point.
// Guarded by the swarm.
type timeline struct {
	points []report.Point
	at     time.Duration
	counts client.Counts
	joined int64
	notIn  int64
	closes map[int]int64
}

// seconds makes a point a second until ctx is done.
func (s *swarm) seconds(ctx context.Context) {
	for at := s.start.Add(time.Second); sleepUntil(ctx, at); at = at.Add(time.Second) {
		s.point(true)
	}
}

// point takes what was measured since the last point into the totals, and makes a
// point of it.
func (s *swarm) point(keep bool) {
	m := client.NewMeasures()
	for _, meter := range s.meters {
		meter.Take(m)
	}
	s.probe.Take(m)
	server := s.server.point()
	now := time.Since(s.start)
	cores, waited := s.own.since()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums.measures.Merge(m)
	counts, closes := s.nowLocked()
	l := &s.line
	d := counts.Since(&l.counts)
	p := report.Point{
		T: now.Seconds(), Bots: report.Bots{Wanted: s.settings.ramp.at(now), Joining: s.sums.joining, Live: len(s.live)},
		Joined: s.sums.totals.Joined - l.joined, Resumed: d.Resumes,
		Reach:  reach(&d),
		Frames: d.Frames, Bytes: d.TCPIn, Out: d.TCPOut, Updates: d.Updates, Inputs: d.Inputs,
		Errors: errorsOf(&d, s.sums.totals.NotIn-l.notIn),
		Closes: difference(closes, l.closes),
		OwnCPU: cores, Waited: waited, Server: server,
	}
	fill(&p, m)
	l.at, l.counts, l.closes = now, counts, closes
	l.joined, l.notIn = s.sums.totals.Joined, s.sums.totals.NotIn
	if keep {
		l.points = append(l.points, p)
	}
}

// reach is that of a second: the share of what was owed in it that was paid in it, with
// what was owed before.
func reach(d *client.Counts) float64 {
	if d.Owed == 0 {
		return 1
	}
	return max(0, min(1, float64(d.Paid)/float64(d.Owed)))
}

// fill reads the distributions of a second.
func fill(p *report.Point, m *client.Measures) {
	q := report.QuantilesOf
	p.Join, p.Resume, p.Echo, p.Effect = q(m.Join), q(m.Resume), q(m.Echo), q(m.Effect)
	p.Age, p.Gap, p.Lag = q(m.Age), q(m.Gap), q(m.Lag)
}

// nowLocked adds the bots that are in to those that have left.
func (s *swarm) nowLocked() (client.Counts, map[int]int64) {
	counts, closes := s.sums.counts, maps.Clone(s.sums.closes)
	for b := range s.live {
		n := b.Counts()
		counts.Add(&n)
		b.Counters.AddCloses(closes)
	}
	return counts, closes
}

func errorsOf(d *client.Counts, notIn int64) map[string]int64 {
	all := make(map[string]int64)
	for _, f := range client.Faults() {
		if n := d.Faults[f]; n > 0 {
			all[f.String()] = n
		}
	}
	if notIn > 0 {
		all["not let in"] = notIn
	}
	if d.Skipped > 0 {
		all["input skipped"] = d.Skipped
	}
	return all
}

func difference(now, before map[int]int64) map[int]int64 {
	d := make(map[int]int64)
	for code, n := range now {
		if n -= before[code]; n > 0 {
			d[code] = n
		}
	}
	return d
}

// snapshot is the run as it stands, with so many of the newest points.
func (s *swarm) snapshot(points int) report.Live {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, closes := s.nowLocked()
	all := s.line.points
	l := report.Live{
		Elapsed: time.Since(s.start).Seconds(), Seconds: s.settings.ramp.length().Seconds(),
		Stage: s.stage, Config: s.settings.config(s.start),
		Recent: append([]report.Point(nil), all[max(0, len(all)-points):]...),
		Joined: s.sums.totals.Joined, NotIn: s.sums.totals.NotIn,
		Faults: faultsOf(&counts), Closes: closes, Failures: s.sums.failures.words(),
		EchoMS: report.QuantilesOf(s.sums.measures.Echo), LagMS: report.QuantilesOf(s.sums.measures.Lag),
		Reach: min(1, report.Ratio(float64(counts.Received+counts.Jumped), float64(counts.Due))),
	}
	if len(all) > 0 {
		l.Now = all[len(all)-1]
	}
	if err := s.server.trouble(); err != nil {
		l.ServerErr = err.Error()
	}
	return l
}

func faultsOf(n *client.Counts) map[string]int64 {
	all := make(map[string]int64)
	for _, f := range client.Faults() {
		all[f.String()] = n.Faults[f]
	}
	return all
}
