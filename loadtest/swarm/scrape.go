package swarm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sync/errgroup"

	"github.com/roomtick/roomtick/loadtest/report"
)

// The server's metrics that the report has.
const (
	metricSkipped    = "roomtick_ticks_skipped_total"
	metricMismatches = "roomtick_hash_mismatches_total"
	metricFrames     = "roomtick_conn_frames_out_total"
	metricFrameBytes = "roomtick_frame_bytes_total"
	metricInputs     = "roomtick_inputs_received_total"
	metricDeltas     = "roomtick_deltas_total"
	metricEncodings  = "roomtick_delta_encodings_total"
	metricTick       = "roomtick_tick_seconds"
	metricPhase      = "roomtick_tick_phase_seconds"
	metricRooms      = "roomtick_rooms"
	metricConns      = "roomtick_conns"
	metricCPU        = "process_cpu_seconds_total"
	metricRSS        = "process_resident_memory_bytes"
	metricGoroutines = "go_goroutines"
)

const (
	// lookTimeout bounds the first and the last look at the metrics, glanceTimeout
	// those during the run: a server that stands still must not stop the timeline.
	lookTimeout   = 10 * time.Second
	glanceTimeout = 900 * time.Millisecond
)

// scraper reads the server's metrics once a second, those of a cluster's nodes as one.
// Without an admin URL it knows nothing. Safe from any goroutine.
type scraper struct {
	http   *http.Client
	admins []string

	mu     sync.Mutex // guards the following
	first  *sample
	newest *sample
	shown  *sample // the newest that point has taken
	maxRSS float64
	looks  int
	err    error // of the newest look
	missed error // of the one before the run, without which nothing can be counted
}

func newScraper(c *http.Client, admin string) *scraper {
	return &scraper{http: c, admins: addresses(admin)}
}

// run glances once a second until ctx is done, in the middle between two points of the
// timeline that starts then, so that each has one however late either is.
func (s *scraper) run(ctx context.Context, start time.Time) {
	if len(s.admins) == 0 {
		return
	}
	for at := start.Add(time.Second / 2); sleepUntil(ctx, at); at = at.Add(time.Second) {
		s.take(ctx, glanceTimeout)
	}
}

// look reads the metrics before or after the run.
func (s *scraper) look(ctx context.Context) {
	if len(s.admins) > 0 {
		s.take(ctx, lookTimeout)
	}
}

func (s *scraper) take(ctx context.Context, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	values, err := allMetrics(ctx, s.http, s.admins)
	got := &sample{at: time.Now(), values: values}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	if err != nil {
		s.err = fmt.Errorf("admin: %w", err)
		if s.looks == 1 {
			s.missed = s.err
		}
		return
	}
	if s.first == nil {
		s.first, s.shown = got, got
	}
	s.newest, s.err = got, nil
	s.maxRSS = max(s.maxRSS, got.values[metricRSS]/1e6)
}

// addresses takes a list of them apart: the nodes of a cluster have an admin URL each.
func addresses(list string) []string {
	var all []string
	for a := range strings.SplitSeq(list, ",") {
		if a = strings.TrimRight(strings.TrimSpace(a), "/"); a != "" {
			all = append(all, a)
		}
	}
	return all
}

// allMetrics reads the pages of some admin URLs at once and adds them up: all that the
// report has is counts, sums and sizes. One that does not answer leaves all unknown.
func allMetrics(ctx context.Context, c *http.Client, admins []string) (map[string]float64, error) {
	pages := make([]map[string]float64, len(admins))
	var all errgroup.Group
	for i, admin := range admins {
		all.Go(func() (err error) {
			pages[i], err = metrics(ctx, c, admin)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	total := pages[0]
	for _, page := range pages[1:] {
		for key, v := range page {
			total[key] += v
		}
	}
	return total, nil
}

// errNoMetrics says that a page is not that of a roomtick server.
var errNoMetrics = errors.New("use the admin URL that a roomtick server prints as it starts, as in -admin http://127.0.0.1:8081")

// metrics reads the page of an admin URL.
func metrics(ctx context.Context, c *http.Client, admin string) (map[string]float64, error) {
	page, err := fetch(ctx, c, admin+"/metrics")
	var answered *statusError
	if errors.As(err, &answered) {
		return nil, fmt.Errorf("%s/metrics answered %s: %w", admin, answered.status, errNoMetrics)
	}
	if err != nil {
		return nil, err
	}
	values := parseMetrics(string(page))
	if _, ok := values[metricSkipped]; !ok {
		return nil, fmt.Errorf("%s/metrics has no %s: %w", admin, metricSkipped, errNoMetrics)
	}
	return values, nil
}

// point returns what has happened since the last point, nil if nothing is known of it.
func (s *scraper) point() *report.ServerPoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest == nil || s.newest == s.shown {
		return nil
	}
	now, before := s.newest, s.shown
	s.shown = now
	p := &report.ServerPoint{
		Tick: report.QuantilesOf(now.ticksSince(before)), CPU: now.cpuSince(before),
		RSS:        now.values[metricRSS] / 1e6,
		Goroutines: int(now.values[metricGoroutines]),
		Rooms:      int(now.values[metricRooms]),
		Conns:      int(now.values[metricConns]),
		Skipped:    now.since(before, metricSkipped),
		Phases:     make(map[string]float64),
	}
	for key := range now.values {
		if labels, ok := strings.CutPrefix(key, metricPhase+"_sum{phase=\""); ok {
			phase := strings.TrimSuffix(labels, "\"}")
			n := float64(now.since(before, metricPhase+"_count{phase=\""+labels))
			p.Phases[phase] = report.Ratio(1000*(now.values[key]-before.values[key]), n)
		}
	}
	return p
}

// word is what the server says of the whole run; nil if nobody asked, an error if it
// did not answer.
func (s *scraper) word() (*report.Server, *hdrhistogram.Histogram, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ticks := report.NewHistogram()
	switch {
	case len(s.admins) == 0:
		return nil, ticks, nil
	case s.first == nil || s.err != nil:
		return nil, ticks, errors.Join(s.err)
	case s.missed != nil:
		return nil, ticks, fmt.Errorf("before the run: %w", s.missed)
	}
	ticks = s.newest.ticksSince(s.first)
	return &report.Server{
		Skipped:    s.newest.since(s.first, metricSkipped),
		Mismatches: s.newest.since(s.first, metricMismatches),
		Frames:     s.newest.since(s.first, metricFrames),
		FrameBytes: s.newest.since(s.first, metricFrameBytes),
		Inputs:     s.newest.since(s.first, metricInputs),
		Deltas:     s.newest.formsSince(s.first),
		Encodings:  s.newest.since(s.first, metricEncodings),
		TickMS:     report.QuantilesOf(ticks),
		CPU:        s.newest.cpuSince(s.first),
		MaxRSS:     s.maxRSS,
	}, ticks, nil
}

// trouble is why the newest look failed, nil if it did not.
func (s *scraper) trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
