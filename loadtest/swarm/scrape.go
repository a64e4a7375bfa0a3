package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/report"
)

// The server's metrics that the report has.
const (
	metricSkipped    = "roomtick_ticks_skipped_total"
	metricMismatches = "roomtick_hash_mismatches_total"
	metricFrames     = "roomtick_conn_frames_out_total"
	metricFrameBytes = "roomtick_frame_bytes_total"
	metricInputs     = "roomtick_inputs_received_total"
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

// scraper reads the server's metrics once a second. Without an admin URL it knows
// nothing. Safe from any goroutine.
type scraper struct {
	http  *http.Client
	admin string

	mu     sync.Mutex // guards the following
	first  *sample
	newest *sample
	shown  *sample // the newest that point has taken
	maxRSS float64
	err    error // of the newest look
}

// sample is the metrics at one moment, by name and labels as they stand in the page.
type sample struct {
	at     time.Time
	values map[string]float64
}

func newScraper(c *http.Client, admin string) *scraper {
	return &scraper{http: c, admin: strings.TrimRight(admin, "/")}
}

// run glances once a second until ctx is done.
func (s *scraper) run(ctx context.Context) {
	if s.admin == "" {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.take(ctx, glanceTimeout)
		}
	}
}

// look reads the metrics before or after the run.
func (s *scraper) look(ctx context.Context) {
	if s.admin != "" {
		s.take(ctx, lookTimeout)
	}
}

func (s *scraper) take(ctx context.Context, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	values, err := metrics(ctx, s.http, s.admin)
	got := &sample{at: time.Now(), values: values}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.err = fmt.Errorf("admin: %w", err)
		return
	}
	if s.first == nil {
		s.first, s.shown = got, got
	}
	s.newest, s.err = got, nil
	s.maxRSS = max(s.maxRSS, got.values[metricRSS]/1e6)
}

// errNoMetrics says that a page is not that of a roomtick server.
var errNoMetrics = errors.New("use the admin URL that a roomtick server prints as it starts, as in -admin http://127.0.0.1:8081")

// metrics reads the page of an admin URL.
func metrics(ctx context.Context, c *http.Client, admin string) (map[string]float64, error) {
	page, err := fetch(ctx, c, admin+"/metrics")
	var answered *statusError
	if errors.As(err, &answered) {
		return nil, fmt.Errorf("%s/metrics %w: %w", admin, err, errNoMetrics)
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

// parseMetrics reads a page in Prometheus' text format. Lines that are none are left
// out.
func parseMetrics(page string) map[string]float64 {
	values := make(map[string]float64)
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		cut := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || cut < 0 {
			continue
		}
		if v, err := strconv.ParseFloat(line[cut+1:], 64); err == nil {
			values[line[:cut]] = v
		}
	}
	return values
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
	case s.admin == "":
		return nil, ticks, nil
	case s.first == nil || s.err != nil:
		return nil, ticks, errors.Join(s.err)
	}
	ticks = s.newest.ticksSince(s.first)
	return &report.Server{
		Skipped:    s.newest.since(s.first, metricSkipped),
		Mismatches: s.newest.since(s.first, metricMismatches),
		Frames:     s.newest.since(s.first, metricFrames),
		FrameBytes: s.newest.since(s.first, metricFrameBytes),
		Inputs:     s.newest.since(s.first, metricInputs),
		TickMS:     report.QuantilesOf(ticks),
		CPU:        s.newest.cpuSince(s.first),
		MaxRSS:     s.maxRSS,
	}, ticks, nil
}

func (m *sample) since(before *sample, name string) int64 {
	return int64(m.values[name] - before.values[name])
}

func (m *sample) cpuSince(before *sample) float64 {
	return report.Ratio(m.values[metricCPU]-before.values[metricCPU], m.at.Sub(before.at).Seconds())
}

// bucketParts is how many values stand for a bucket's: they are spread over it evenly,
// for want of a better guess.
const bucketParts = 8

// ticksSince turns the buckets of the tick times into a histogram.
func (m *sample) ticksSince(before *sample) *hdrhistogram.Histogram {
	type bucket struct {
		bound float64
		below int64 // ticks up to bound
	}
	var buckets []bucket
	for key := range m.values {
		if rest, ok := strings.CutPrefix(key, metricTick+"_bucket{le=\""); ok {
			if bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, "\"}"), 64); err == nil {
				buckets = append(buckets, bucket{bound, m.since(before, key)})
			}
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	h := report.NewHistogram()
	low, counted := 0.0, int64(0)
	for _, b := range buckets {
		n, high := b.below-counted, min(b.bound, 2*max(low, 1)) // the last one is unbounded
		for part := range int64(bucketParts) {
			share := n*(part+1)/bucketParts - n*part/bucketParts
			at := low + (high-low)*(float64(part)+0.5)/bucketParts
			report.RecordN(h, time.Duration(at*float64(time.Second)), share)
		}
		low, counted = b.bound, b.below
	}
	return h
}

// trouble is why the newest look failed, nil if it did not.
func (s *scraper) trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
