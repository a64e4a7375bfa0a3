package swarm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/roomtick/roomtick/loadtest/report"
)

// text is the report for people.
func text(r *report.Report) string {
	w := &page{}
	w.joins(r)
	if r.Queue != nil {
		w.queue(r.Queue)
	}
	if r.Totals.Joined > 0 {
		w.ticks(r)
		w.bytes(r)
		w.spending(r)
		w.rest(r)
	}
	w.verdict(r)
	return w.String()
}

// page collects lines of a name and what is to say.
type page struct{ strings.Builder }

func (w *page) line(name, format string, args ...any) {
	fmt.Fprintf(w, "%-16s %s\n", name, fmt.Sprintf(format, args...))
}

func (w *page) joins(r *report.Report) {
	t := &r.Totals
	if t.Joined == 0 {
		w.line("joins", "0 of %d", t.Joins)
		return
	}
	w.line("joins", "%d of %d in %s, p50 %.1f ms, p99 %.1f ms, %d retries, %d churned, %d cut short",
		t.Joined, t.Joins, report.Count(t.Rooms, "room"), t.JoinMS.P50, t.JoinMS.P99, t.Retries, t.Churned, t.Aborted)
}

func (w *page) ticks(r *report.Report) {
	t := &r.Totals
	w.line("reach", "%.4f: %d ticks due, %d received, %d jumped over, %d resets", t.Reach, t.Due, t.Received, t.Jumped, t.Resets)
	w.line("missing", "%d ticks; allowed %d a conn at its edges, %d in all, %s", t.Missing, edgeTicks, t.Edge, gaveUp(r))
	w.silence(&t.Worst)
	w.times("gap", "between two snapshots", t.GapMS)
	w.times("age", "of a snapshot on arrival", t.AgeMS)
	w.times("echo", "intended send of an input to its acknowledgement", t.EchoMS)
	w.times("effect", "intended send to the snapshot that shows it", t.EffectMS)
	w.times("resumes", "end of a conn to the next snapshot", t.ResumeMS)
}

func (w *page) queue(q *report.Queue) {
	w.line("queue "+q.Name, "%d tickets: %d matched, %d cancelled, %d expired, %d withdrawn; %d ready checks accepted, %d declined",
		q.Tickets, q.Matched, q.Cancelled, q.Expired, q.Withdrawn, q.Accepted, q.Declined)
	f := &q.Fairness
	w.line("matches", "%d, and %d tickets into rooms that lost players; fairness p50 %.2f, p10 %.2f, least %.2f", q.Matches, q.Fills, f.P50, f.P10, f.Least)
	w.times("wait", "ticket made to its match told", q.WaitMS)
	for _, b := range q.Bands {
		w.times("", "skill "+b.Skill, b.WaitMS)
	}
	for _, way := range q.Ways {
		w.times("", "told by "+way.Updates, way.WaitMS)
	}
	w.times("estimate", "off the match, either way, when first given", q.EstimateMS)
}

// silence is left out if nobody played.
func (w *page) silence(s *report.Silence) {
	if s.Bot != "" {
		w.line("worst bot", "%s in room %s got no snapshot for %.0f ms, from %.1f s into the run on", s.Bot, s.Room, s.Length, s.From)
	}
}

// times is left out if there are none.
func (w *page) times(name, what string, q report.Quantiles) {
	if q.N > 0 {
		w.line(name, "p50 %.1f ms, p99 %.1f ms, max %.1f ms, of %d; %s", q.P50, q.P99, q.Max, q.N, what)
	}
}

func (w *page) bytes(r *report.Report) {
	t := &r.Totals
	if !r.Config.Decode {
		w.line("bytes", "%s a bot and second; deltas were not read", report.Size(t.BytesPerSecond))
	} else {
		w.line("bytes", "%s a bot and second; %.2f an update of %d updates, %d came into view, %.1f entities in view",
			report.Size(t.BytesPerSecond), t.BytesPerUpdate, t.Updates, t.Entered, t.InView)
		w.line("", "whole WebSocket payloads from the server: envelopes, deltas, events, welcomes;")
		w.line("", "an update is an entity in view before whose quantised public state has changed since")
		w.line("bits an update", "%s", costs(&r.Delta))
	}
	w.line("tcp", "%s in, %s out, upgrades and WebSocket headers included", report.Size(float64(t.TCPIn)), report.Size(float64(t.TCPOut)))
}

func (w *page) rest(r *report.Report) {
	t := &r.Totals
	w.line("inputs", "%d sent, %d skipped, %d acks alone, %d events", t.Inputs, t.Skipped, t.Acks, t.Events)
	w.line("hashes", "%d sent, %d equal to another bot's, %d unequal; found wrong by the server: %s",
		t.Hashes, t.Agreed, t.Faults["hash"], mismatches(r.Server))
	if s := r.Server; s != nil {
		w.line("server", "%.2f cores, %.0f MB at most, tick p50 %.2f ms, p99 %.2f ms, %d skipped", s.CPU, s.MaxRSS, s.TickMS.P50, s.TickMS.P99, s.Skipped)
	}
	w.sharing(r.Server)
	w.line("faults", "%s", report.Counts(t.Faults))
	w.line("closes", "%s", report.Counts(t.Closes))
	waited := ""
	if t.Waited >= 0 {
		waited = fmt.Sprintf(", %.0f %% of the time wanted spent waiting for a core", 100*t.Waited)
	}
	w.line("own lag", "p50 %.2f ms, p99 %.2f ms, max %.2f ms; %.2f cores%s", t.LagMS.P50, t.LagMS.P99, t.LagMS.Max, t.OwnCPU, waited)
}

// sharing is left out if it is not known.
func (w *page) sharing(s *report.Server) {
	if s == nil {
		return
	}
	if shared, known := s.Shared(); known {
		w.line("shared", "%.1f %% of the deltas in frames were encoded for another bot already: %d encodings; %s", 100*shared, s.Encodings, report.Counts(s.Deltas))
	}
}

func (w *page) verdict(r *report.Report) {
	v := &r.Verdict
	for _, reason := range v.Doubts {
		w.line("", "! %s", reason)
	}
	if !v.Valid && len(v.Failures) > 0 {
		w.line("", "what failed may be the bots' own doing:")
	}
	for _, reason := range v.Failures {
		w.line("", "! %s", reason)
	}
	for _, c := range v.Checks {
		word := "holds"
		if !c.Holds {
			word = "DOES NOT HOLD"
		}
		w.line("assert", "%s: %.4g, %s", c.Text, c.Value, word)
	}
	w.line("verdict", "%s", v.Word())
}

func mismatches(s *report.Server) string {
	if s == nil {
		return "not known without -admin"
	}
	return strconv.FormatInt(s.Mismatches, 10)
}

// least is below what a cost is left out, in bits an update.
const least = 0.05

// costs lists where the bits of the deltas went, the dearest first, for each entity
// update.
func costs(d *report.DeltaBytes) string {
	type cost struct {
		name string
		bits float64
	}
	var all []cost
	add := func(name string, bits int64) {
		if n := float64(bits) / float64(max(1, d.Updates)); n >= least {
			all = append(all, cost{name, n})
		}
	}
	for table, fields := range d.Tables {
		for field, bits := range fields {
			add(table+"."+field, bits)
		}
	}
	for kind, bits := range d.Overhead {
		add(kind, bits)
	}
	slices.SortFunc(all, func(a, b cost) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.name, b.name))
	})
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = fmt.Sprintf("%s %.2f", c.name, c.bits)
	}
	return strings.Join(words, ", ")
}
