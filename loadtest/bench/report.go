//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// reportVersion rises when a field of the JSON changes its meaning.
const reportVersion = 1

// report is every figure of a run.
type report struct {
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Go      string    `json:"go"`
	Cores   int       `json:"cores"`
	Rounds  int       `json:"rounds"`
	Seconds float64   `json:"seconds"`
	Others  float64   `json:"others"` // cores that were busy with something else meanwhile
	Figures []figure  `json:"figures"`

	suite string // that is running
}

// figure is one line of the table.
type figure struct {
	Suite string        `json:"suite"`
	What  string        `json:"what"`
	Unit  string        `json:"unit"`
	Value stats.Summary `json:"value"`
	Held  string        `json:"held,omitempty"`  // what the design asks for
	Peers string        `json:"peers,omitempty"` // what other servers need; see peer

	// Invalid says why the figure is worth nothing, if so.
	Invalid string `json:"invalid,omitempty"`
}

func newReport(o options) *report {
	return &report{
		Version: reportVersion, At: time.Now().UTC(), Go: runtime.Version(),
		Cores: runtime.NumCPU(), Rounds: o.rounds, Seconds: o.seconds,
	}
}

// add notes a figure of the running suite.
func (r *report) add(f figure) {
	f.Suite = r.suite
	f.Peers = peersOf(&f)
	r.Figures = append(r.Figures, f)
}

// text is the table.
func (r *report) text() string {
	if len(r.Figures) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores, %d rounds of %v s; medians, with the range of the rounds\n", r.Go, r.Cores, r.Rounds, r.Seconds)
	fmt.Fprintf(&b, "Other processes kept %.2f of the cores busy meanwhile%s.\n\n", r.Others, r.warning())
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\twhat\tfigure\tunit\theld to\tpeers, measured before on another machine")
	suite := ""
	for _, f := range r.Figures {
		name := ""
		if f.Suite != suite {
			suite, name = f.Suite, f.Suite
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", name, f.What, f.Value, f.Unit, strings.TrimSpace(f.Held+" "+f.Invalid), f.Peers)
	}
	_ = w.Flush() // a Builder takes everything
	return b.String()
}

func (r *report) warning() string {
	if r.Others <= quiet*float64(r.Cores) {
		return ""
	}
	return ": too much to compare these figures with those of another run; ratios suffer less"
}

// save writes the JSON, unless path is empty.
func (r *report) save(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
