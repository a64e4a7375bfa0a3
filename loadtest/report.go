package main

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/client"
)

// reportVersion rises whenever a field of the JSON report changes its meaning.
const reportVersion = 2

// report is what a run has shown. Times are in milliseconds, bytes are those of whole
// WebSocket payloads from the server: envelopes, deltas, events, welcomes; see
// client.Counters for each figure.
type report struct {
	Version int      `json:"version"`
	OK      bool     `json:"ok"`      // nothing failed, and no due tick is missing beyond the allowance
	Valid   bool     `json:"valid"`   // the bots kept their own schedule and sent the load
	Reasons []string `json:"reasons"` // why not, the first few

	URL      string      `json:"url"`
	Game     string      `json:"game"`
	Play     client.Play `json:"play"`
	Bots     int         `json:"bots"`
	HoldMS   float64     `json:"hold_ms"`
	RampMS   float64     `json:"ramp_ms"`
	Stalled  int         `json:"stalled"`
	Rooms    int         `json:"rooms"`
	Joined   int         `json:"joined"`
	NotIn    int         `json:"not_in"`
	Retries  int         `json:"join_retries"`
	Resumes  int64       `json:"resumes"`
	JoinMS   quantiles   `json:"join_ms"`
	ResumeMS quantiles   `json:"resume_ms"`

	Due      int64     `json:"ticks_due"`
	Received int64     `json:"ticks_received"`
	Jumped   int64     `json:"ticks_jumped"`
	Missing  int64     `json:"ticks_missing"`       // due, and neither of both
	Edge     int64     `json:"ticks_allowed_edges"` // edgeTicks for every conn
	Short    int       `json:"bots_short"`          // that miss more than is allowed
	Resets   int64     `json:"resets"`
	Behind   int64     `json:"groups_behind"`
	Reach    float64   `json:"reach"`
	GapMS    quantiles `json:"gap_ms"`

	Bytes          int64   `json:"bytes"`
	TCPIn          int64   `json:"tcp_bytes_in"`
	TCPOut         int64   `json:"tcp_bytes_out"`
	Updates        int64   `json:"updates"`
	Entered        int64   `json:"entered_view"` // no updates
	Events         int64   `json:"events"`
	BytesPerSecond float64 `json:"bytes_per_bot_second"`
	BytesPerUpdate float64 `json:"bytes_per_update"`
	InView         float64 `json:"entities_in_view"`

	Bits map[string]int64 `json:"bits"` // of deltas, by column and kind of overhead

	Inputs  int64 `json:"inputs_sent"`
	Skipped int64 `json:"inputs_skipped"`
	Applied int64 `json:"inputs_applied_seen"` // snapshots that said so
	Acks    int64 `json:"acks_alone"`
	Hashes  int64 `json:"hashes_sent"`
	Agreed  int64 `json:"hashes_agreed"` // with another bot's

	// From the server's metrics, all its rooms; null if not known.
	ServerSkipped    *int64 `json:"server_ticks_skipped"`
	ServerMismatches *int64 `json:"server_hash_mismatches"`

	Faults map[string]int64 `json:"faults"`
	Closes map[int]int      `json:"closes"`
	LagMS  quantiles        `json:"lag_ms"`

	deaf bool // the server's metrics were asked for and could not be read
}

// quantiles of a histogram, in milliseconds.
type quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	N   int64   `json:"n"`
}

func quantilesOf(h *hdrhistogram.Histogram) quantiles {
	ms := func(q float64) float64 {
		return float64(client.Quantile(h, q)) / float64(time.Millisecond)
	}
	return quantiles{P50: ms(50), P99: ms(99), Max: ms(100), N: h.TotalCount()}
}

// newReport adds up the outcomes of a swarm. lag is that of the swarm itself, word is
// what the server says.
func newReport(s settings, outcomes []outcome, agreed int64, lag *hdrhistogram.Histogram, word serverWord) report {
	r := report{
		Version: reportVersion, URL: s.url, Game: s.game, Play: s.play, Bots: s.bots,
		HoldMS: float64(s.hold.Milliseconds()), RampMS: float64(s.rampOver.Milliseconds()),
		Stalled: s.stalled, Agreed: agreed,
		Bits:   make(map[string]int64),
		Faults: make(map[string]int64), Closes: make(map[int]int), Reasons: []string{},
	}
	r.hear(word)
	sum := newSums(lag)
	for i := range outcomes {
		if err := outcomes[i].joinErr; err != nil {
			r.NotIn++
			r.because("not let in: %v", err)
			continue
		}
		r.add(&outcomes[i], sum)
	}
	r.finish(sum)
	return r
}

// sums are the merged histograms and what only its total is reported of.
type sums struct {
	join, resume, gap, lag *hdrhistogram.Histogram
	live                   time.Duration
	covered, inView        int64
	rooms                  map[string]bool
}

func newSums(lag *hdrhistogram.Histogram) *sums {
	return &sums{
		join: client.NewHistogram(), resume: client.NewHistogram(), gap: client.NewHistogram(),
		lag: lag, rooms: make(map[string]bool),
	}
}

func (r *report) add(o *outcome, sum *sums) {
	res, c := &o.result, o.counters
	r.Joined++
	r.Retries += res.Retries
	client.Record(sum.join, res.Join)
	for name, n := range res.Bits {
		r.Bits[name] += n
	}
	sum.resume.Merge(res.Resume)
	sum.gap.Merge(res.Gap)
	sum.lag.Merge(res.Lag)
	sum.live += res.Live
	sum.covered += res.Covered
	sum.inView += c.InView.Load()
	sum.rooms[res.Room] = true
	r.Due += res.Due
	r.missing(res, 1+c.Resumes.Load())
	r.Received += c.Received.Load()
	r.Jumped += c.Jumped.Load()
	r.Resets += c.Resets.Load()
	r.Behind += c.Behind.Load()
	r.Resumes += c.Resumes.Load()
	r.Bytes += c.Bytes.Load()
	r.TCPIn += c.TCPIn.Load()
	r.TCPOut += c.TCPOut.Load()
	r.Updates += c.Updates.Load()
	r.Entered += c.Entered.Load()
	r.Events += c.Events.Load()
	r.Inputs += c.Inputs.Load()
	r.Skipped += c.Skipped.Load()
	r.Applied += c.Applied.Load()
	r.Acks += c.Acks.Load()
	r.Hashes += c.Hashes.Load()
	for code, n := range res.Closes {
		r.Closes[code] += n
	}
	for f, n := range res.Faults {
		r.Faults[f.String()] += n
	}
	for _, note := range res.Notes {
		r.because("%s: %s", res.Name, note)
	}
}

// finish works out the shares, then the verdict.
func (r *report) finish(sum *sums) {
	r.JoinMS, r.ResumeMS = quantilesOf(sum.join), quantilesOf(sum.resume)
	r.GapMS, r.LagMS = quantilesOf(sum.gap), quantilesOf(sum.lag)
	r.Rooms = len(sum.rooms)
	r.Reach = ratio(float64(sum.covered), float64(r.Due))
	r.BytesPerSecond = ratio(float64(r.Bytes), sum.live.Seconds())
	r.BytesPerUpdate = ratio(float64(r.Bytes), float64(r.Updates))
	r.InView = ratio(float64(sum.inView), float64(r.Received))
	r.judge()
}

func (r *report) because(format string, args ...any) {
	if len(r.Reasons) < maxReasons {
		r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
