// Package report is what a load run has shown, as plain data: what the swarm fills in,
// the views draw, programs read as JSON and the assertions and comparisons look at. It
// does no I/O. Times are in milliseconds unless a name says otherwise, bytes are those
// of whole WebSocket payloads.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// Version rises whenever a field of the JSON changes its meaning or its place.
const Version = 4

// Report is one run.
type Report struct {
	Version  int        `json:"version"`
	Verdict  Verdict    `json:"verdict"`
	Config   Config     `json:"config"`
	Software Software   `json:"software"`
	Totals   Totals     `json:"totals"`
	Server   *Server    `json:"server"`   // nil: nobody asked its metrics
	Queue    *Queue     `json:"queue"`    // nil: the bots joined rooms directly
	Timeline []Point    `json:"timeline"` // one a second
	Curves   Curves     `json:"curves"`
	Delta    DeltaBytes `json:"delta_bytes"`
}

// Verdict says what the run is worth and what it has shown.
type Verdict struct {
	OK       bool        `json:"ok"`       // nothing failed, and no due tick is missing beyond the allowance
	Valid    bool        `json:"valid"`    // the bots kept their own schedule and sent the load
	Failed   int         `json:"failed"`   // assertions that do not hold
	Checks   []Assertion `json:"checks"`   // every assertion, with what was found
	Doubts   []string    `json:"doubts"`   // why the run is not valid
	Failures []string    `json:"failures"` // why it is not ok, the same ones collapsed
}

// Assertion is one -assert and how it came out.
type Assertion struct {
	Text  string  `json:"text"`
	Value float64 `json:"value"`
	Holds bool    `json:"holds"`
}

// Word is the verdict in one word, what outweighs the others first: INVALID, ASSERTION
// FAILED, FAILED or ok.
func (v *Verdict) Word() string {
	switch {
	case !v.Valid:
		return "INVALID"
	case v.Failed > 0:
		return "ASSERTION FAILED"
	case !v.OK:
		return "FAILED"
	}
	return "ok"
}

// Config is what the command line asked for.
type Config struct {
	Args      []string  `json:"args"`
	URL       string    `json:"url"`
	Admin     string    `json:"admin"` // empty: not known
	Game      string    `json:"game"`
	Play      string    `json:"play"`
	Decode    bool      `json:"decode"` // false: only the heads of frames were read
	Bots      int       `json:"bots"`   // the most at once
	Ramp      []RampLeg `json:"ramp"`
	Seconds   float64   `json:"seconds"` // planned, from the first join to the last leave
	Churn     float64   `json:"churn_per_minute"`
	Rooms     int       `json:"rooms"`       // of the bots' own; 0: the server decides
	PerRoom   int       `json:"per_room"`    // likewise
	Think     int       `json:"think_every"` // snapshots; 0: by the tick rate
	Stalled   int       `json:"stalled"`
	StallFor  float64   `json:"stall_for_seconds"`
	Cut       int       `json:"cut"`
	Storms    []Storm   `json:"storms"`
	Net       string    `json:"net"` // impairment, as given; empty: none
	Seed      uint64    `json:"seed"`
	StartedAt string    `json:"started_at"` // RFC 3339
}

// RampLeg is a corner of the ramp: so many bots are wanted at that time.
type RampLeg struct {
	Second float64 `json:"second"`
	Bots   int     `json:"bots"`
}

// Storm cuts a share of the bots at once.
type Storm struct {
	Second float64 `json:"second"`
	Share  float64 `json:"share"` // 0 to 1
}

// Software says what ran where.
type Software struct {
	Go         string `json:"go"`
	Revision   string `json:"revision"` // of this program's repository; "unknown" outside of one
	Modified   bool   `json:"modified"` // by changes that are in no commit
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu"` // its model; empty if not known
	Cores      int    `json:"cores"`
	GOMAXPROCS int    `json:"gomaxprocs"`
	Protocol   string `json:"protocol"`
}

// Quantiles of a histogram, in milliseconds.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	N   int64   `json:"n"`
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// ReadJSON reads what WriteJSON wrote, of this version only.
func ReadJSON(in io.Reader) (*Report, error) {
	var r Report
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("read report: it has version %d, this program reads %d: run the load test again", r.Version, Version)
	}
	return &r, nil
}

// Counts lists what is above zero in words, by key; "none" if nothing is.
func Counts[K int | string](m map[K]int64) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] > 0 {
			all = append(all, fmt.Sprintf("%v: %d", k, m[k]))
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// Count writes a number of things.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Size writes an amount of bytes with three digits, in the unit that fits.
func Size(bytes float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if math.Abs(bytes) >= u.size {
			return fmt.Sprintf("%.*f %s", max(0, 2-int(math.Log10(math.Abs(bytes)/u.size))), bytes/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.0f B", bytes)
}

// Ratio is a / b, 0 if b is.
func Ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
