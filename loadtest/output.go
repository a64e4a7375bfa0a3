package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// text is the report for people.
func (r *report) text() string {
	var w strings.Builder
	p := func(name, format string, args ...any) {
		fmt.Fprintf(&w, "%-18s %s\n", name, fmt.Sprintf(format, args...))
	}
	p("joins", "%d of %d in %d rooms, p50 %.1f ms, p99 %.1f ms, %d retries",
		r.Joined, r.Bots, r.Rooms, r.JoinMS.P50, r.JoinMS.P99, r.Retries)
	p("reach", "%.4f: %d ticks due, %d received, %d jumped over, %d resets",
		r.Reach, r.Due, r.Received, r.Jumped, r.Resets)
	p("missing", "%d ticks; allowed %d a conn at its edges, %d in all, %s",
		r.Missing, edgeTicks, r.Edge, r.gaveUp())
	p("gap", "p50 %.1f ms, p99 %.1f ms, max %.1f ms", r.GapMS.P50, r.GapMS.P99, r.GapMS.Max)
	p("bytes", "%.0f a bot and second; %.2f an update of %d updates, %d came into view, %.1f entities in view",
		r.BytesPerSecond, r.BytesPerUpdate, r.Updates, r.Entered, r.InView)
	p("", "whole WebSocket payloads from the server: envelopes, deltas, events, welcomes;")
	p("", "an update is an entity in view before whose quantised public state has changed since")
	p("bits an update", "%s", r.costs())
	p("tcp", "%.1f MB in, %.1f MB out, upgrades and WebSocket headers included",
		float64(r.TCPIn)/1e6, float64(r.TCPOut)/1e6)
	p("inputs", "%d sent, %d skipped, %d acks alone, %d events", r.Inputs, r.Skipped, r.Acks, r.Events)
	p("hashes", "%d sent, %d equal to another bot's, %d unequal; found wrong by the server: %s",
		r.Hashes, r.Agreed, r.Faults["hash"], known(r.ServerMismatches))
	if r.Resumes > 0 {
		p("resumes", "%d, p50 %.1f ms, p99 %.1f ms", r.Resumes, r.ResumeMS.P50, r.ResumeMS.P99)
	}
	p("faults", "%s", counts(r.Faults))
	p("closes", "%s", counts(r.Closes))
	p("own lag", "p50 %.2f ms, p99 %.2f ms, max %.2f ms", r.LagMS.P50, r.LagMS.P99, r.LagMS.Max)
	for _, reason := range r.Reasons {
		p("", "! %s", reason)
	}
	p("verdict", "%s", r.verdict())
	return w.String()
}

// gaveUp says which ticks each bot may miss besides those at the edges.
func (r *report) gaveUp() string {
	if r.ServerSkipped == nil {
		return "and none that the server gave up: not known without -admin"
	}
	return fmt.Sprintf("and for each bot the %d that the server gave up", *r.ServerSkipped)
}

// known is a figure of the server's metrics.
func known(n *int64) string {
	if n == nil {
		return "not known without -admin"
	}
	return strconv.FormatInt(*n, 10)
}

// costs lists where the bits of the deltas went, the dearest first, an entity update
// each.
func (r *report) costs() string {
	names := slices.SortedFunc(maps.Keys(r.Bits), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Bits[b], r.Bits[a]), cmp.Compare(a, b))
	})
	var all []string
	for _, name := range names {
		if n := float64(r.Bits[name]) / float64(max(1, r.Updates)); n >= 0.05 {
			all = append(all, fmt.Sprintf("%s %.2f", name, n))
		}
	}
	return strings.Join(all, ", ")
}

func (r *report) verdict() string {
	switch {
	case !r.OK:
		return "FAILED"
	case !r.Valid:
		return "INVALID"
	}
	return "ok"
}

// counts lists what is above zero.
func counts[K comparable, N int | int64](m map[K]N) string {
	var all []string
	for k, n := range m {
		if n > 0 {
			all = append(all, fmt.Sprintf("%v: %d", k, n))
		}
	}
	if len(all) == 0 {
		return "none"
	}
	sort.Strings(all)
	return strings.Join(all, ", ")
}

// writeJSON writes the report for programs.
func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *report) saveJSON(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = r.writeJSON(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// exitCode turns the verdict into the process's; a report that could not be written
// fails the run.
func exitCode(r *report, writing error, stderr io.Writer) int {
	switch {
	case writing != nil:
		_, _ = fmt.Fprintln(stderr, "report: "+writing.Error())
		return exitFailed
	case !r.OK:
		return exitFailed
	case !r.Valid:
		return exitInvalid
	}
	return exitOK
}
