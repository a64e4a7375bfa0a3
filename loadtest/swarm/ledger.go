package swarm

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

// ledger is what became of the tickets of all crews. Safe from any goroutine.
type ledger struct {
	queue *queueing // set once

	mu        sync.Mutex // guards the following
	sums      report.Queue
	waits     *hdrhistogram.Histogram
	bands     map[int]*hdrhistogram.Histogram // by deviations from the mean
	ways      map[string]*hdrhistogram.Histogram
	estimates *hdrhistogram.Histogram
	expected  map[*crew]time.Time // when the server first said a crew's match would come
	matches   map[string]*teams   // by room
	faults    int64
	missing   int64 // tickets whose end is not known
}

// teams is who was matched into a room: players by number of their team.
type teams struct {
	began, filled map[int]int
	fairness      float64
}

func newLedger(q *queueing) *ledger {
	return &ledger{
		queue: q, sums: report.Queue{Name: q.name},
		waits: report.NewHistogram(), estimates: report.NewHistogram(), bands: make(map[int]*hdrhistogram.Histogram),
		ways: make(map[string]*hdrhistogram.Histogram), expected: make(map[*crew]time.Time), matches: make(map[string]*teams),
	}
}

// estimated notes when the server says that a crew's match will come. Its first word
// counts.
func (l *ledger) estimated(c *crew, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected[c].IsZero() {
		l.expected[c] = at
	}
}

// waited books how long a ticket has waited of which its first member has learned, in this
// way, that it is matched.
func (l *ledger) waited(c *crew, way string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	report.Record(l.waits, d)
	band := 0
	if q := l.queue.skill; q.known && q.deviation > 0 {
		band = int(max(-2, min(1, math.Floor((c.skill.Mu-q.mean)/q.deviation))))
	}
	if l.bands[band] == nil {
		l.bands[band] = report.NewHistogram()
	}
	report.Record(l.bands[band], d)
	if l.ways[way] == nil {
		l.ways[way] = report.NewHistogram()
	}
	report.Record(l.ways[way], d)
	if at := l.expected[c]; !at.IsZero() {
		report.Record(l.estimates, time.Since(at).Abs())
	}
}

// answered books the answer to a ready check.
func (l *ledger) answered(yes bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if yes {
		l.sums.Accepted++
	} else {
		l.sums.Declined++
	}
}

func (l *ledger) fault() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults++
}

// broken is how many promises were not kept, by what the crews saw of themselves.
func (l *ledger) broken() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.faults
}

// lost books a ticket of which nobody knows what became.
func (l *ledger) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.Tickets++
	l.missing++
}

// ended books how a ticket ended; leaving says that the run did.
func (l *ledger) ended(c *crew, v *client.TicketView, leaving bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.expected, c)
	l.sums.Tickets++
	switch {
	case v.State == client.TicketMatched:
		l.sums.Matched++
		l.matchedLocked(c.last-c.first+1, v)
	case v.State == client.TicketExpired:
		l.sums.Expired++
	case v.State == client.TicketCancelled && leaving:
		l.sums.Withdrawn++
	case v.State == client.TicketCancelled:
		l.sums.Cancelled++
	default:
		l.missing++
	}
}

func (l *ledger) matchedLocked(players int, v *client.TicketView) {
	m := l.matches[v.Room]
	if m == nil {
		m = &teams{began: make(map[int]int), filled: make(map[int]int)}
		l.matches[v.Room] = m
	}
	// Who fills a room up came to no match of its own: it has no fairness.
	if l.queue.rules != nil && l.queue.rules.Backfill && (v.Fairness == nil || *v.Fairness == 0) {
		m.filled[v.Team] += players
		l.sums.Fills++
		return
	}
	m.began[v.Team] += players
	if v.Fairness != nil {
		m.fairness = *v.Fairness
	}
}

// wrong says what is wrong with the matches; nothing if the end of a ticket is not known.
// It takes for granted that nobody else is in the queue.
func (l *ledger) wrong() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	if l.missing > 0 {
		return nil
	}
	for _, room := range slices.Sorted(maps.Keys(l.matches)) {
		if why := l.matches[room].wrong(l.queue); why != "" {
			all = append(all, fmt.Sprintf("queue: room %s %s", room, why))
		}
	}
	return all
}

func (m *teams) wrong(q *queueing) string {
	size := 0
	for _, n := range m.began {
		size = max(size, n)
	}
	if q.rules == nil {
		for team, n := range m.began {
			if n != size {
				return fmt.Sprintf("began with %d in team %d and %d in another", n, team, size)
			}
		}
		return ""
	}
	if size < q.rules.MinTeamSize || size > q.rules.TeamSize {
		return fmt.Sprintf("began with teams of %d; the queue has %d to %d", size, q.rules.MinTeamSize, q.rules.TeamSize)
	}
	for team := 1; team <= q.rules.Teams; team++ {
		if m.began[team] != size {
			return fmt.Sprintf("began with %d in team %d and %d in another", m.began[team], team, size)
		}
	}
	for team := range m.filled {
		if team < 1 || team > q.rules.Teams {
			return fmt.Sprintf("was filled up in team %d of %d", team, q.rules.Teams)
		}
	}
	if len(m.began) > q.rules.Teams {
		return fmt.Sprintf("began with %d teams of %d", len(m.began), q.rules.Teams)
	}
	return ""
}

// report is all of it.
func (l *ledger) report() *report.Queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.sums
	r.WaitMS, r.EstimateMS = report.QuantilesOf(l.waits), report.QuantilesOf(l.estimates)
	r.Bands = []report.Band{}
	for _, band := range slices.Sorted(maps.Keys(l.bands)) {
		r.Bands = append(r.Bands, report.Band{Skill: l.queue.skill.band(band), WaitMS: report.QuantilesOf(l.bands[band])})
	}
	r.Ways = []report.Way{}
	for _, way := range slices.Sorted(maps.Keys(l.ways)) {
		r.Ways = append(r.Ways, report.Way{Updates: way, WaitMS: report.QuantilesOf(l.ways[way])})
	}
	var fair []float64
	for _, m := range l.matches {
		if len(m.began) > 0 {
			r.Matches++
			fair = append(fair, m.fairness)
		}
	}
	slices.SortFunc(fair, cmp.Compare[float64])
	if n := len(fair); n > 0 {
		r.Fairness = report.Spread{Least: fair[0], P10: fair[n/10], P50: fair[n/2], N: n}
	}
	return &r
}

// band names the skills of a band for people.
func (n normal) band(deviations int) string {
	low := n.mean + float64(deviations)*n.deviation
	switch {
	case !n.known || n.deviation == 0:
		return "all"
	case deviations == -2:
		return fmt.Sprintf("below %.0f", low+n.deviation)
	case deviations == 1:
		return fmt.Sprintf("from %.0f", low)
	}
	return fmt.Sprintf("%.0f to %.0f", low, low+n.deviation)
}
