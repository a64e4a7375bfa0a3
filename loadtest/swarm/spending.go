package swarm

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/roomtick/roomtick/loadtest/report"
)

// The server's metrics of where its bytes went.
const (
	metricFieldBytes    = "roomtick_field_bytes_total"
	metricGroupBytes    = "roomtick_group_bytes_total"
	metricOverheadBytes = "roomtick_delta_overhead_bytes_total"
)

// spendingSince is where a game's bytes went between two looks, nil if the server does
// not tell.
func (m *sample) spendingSince(before *sample, game string) *report.Spending {
	s, found := report.NewSpending(), false
	for key := range m.values {
		name, labels := labelsOf(key)
		if labels["game"] != game {
			continue
		}
		bytes := m.since(before, key)
		switch name {
		case metricFieldBytes:
			count(s.Fields, labels["table"]+"."+labels["field"], labels, bytes)
			found = true
		case metricGroupBytes:
			count(s.Groups, labels["kind"], labels, bytes)
		case metricOverheadBytes:
			count(s.Overhead, labels["kind"], labels, bytes)
		}
	}
	if !found {
		return nil
	}
	return s
}

func count(to map[string]report.Counted, name string, labels map[string]string, bytes int64) {
	n := to[name]
	switch labels["counted"] {
	case "encoded":
		n.Encoded += bytes
	case "sent":
		n.Sent += bytes
	}
	to[name] = n
}

// labelPair is one label of a metric. Tables, fields and games have plain names.
var labelPair = regexp.MustCompile(`(\w+)="([^"]*)"`)

// labelsOf takes a line's key apart.
func labelsOf(key string) (name string, labels map[string]string) {
	name, rest, _ := strings.Cut(key, "{")
	labels = make(map[string]string)
	for _, pair := range labelPair.FindAllStringSubmatch(rest, -1) {
		labels[pair[1]] = pair[2]
	}
	return name, labels
}

// hints asks the server, of a cluster the first node, where coarser steps would save; nothing
// if it does not say.
func (s *scraper) hints(ctx context.Context, game string) []string {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	page, err := fetch(ctx, s.http, s.admins[0]+"/cost?format=json")
	if err != nil {
		return nil
	}
	var games []struct {
		Game  string   `json:"game"`
		Hints []string `json:"hints"`
	}
	if json.Unmarshal(page, &games) != nil {
		return nil
	}
	for _, g := range games {
		if g.Game == game {
			return g.Hints
		}
	}
	return nil
}

// spending is the server's word on where its bytes went during the run; nil if it did
// not tell.
func (s *scraper) spending(ctx context.Context, game string) *report.Spending {
	s.mu.Lock()
	first, newest, known := s.first, s.newest, s.err == nil
	s.mu.Unlock()
	if len(s.admins) == 0 || first == nil || !known {
		return nil
	}
	told := newest.spendingSince(first, game)
	if told != nil {
		told.Hints = append(told.Hints, s.hints(ctx, game)...)
	}
	return told
}

// spending tells where the server's bytes went, and where a coarser step would save.
func (w *page) spending(r *report.Report) {
	if r.Server == nil || r.Server.Spending == nil {
		return
	}
	s := r.Server.Spending
	all := s.Deltas()
	if all.Encoded == 0 {
		return
	}
	w.line("server's deltas", "%s encoded, %s sent: each %.1f times", report.Size(float64(all.Encoded)), report.Size(float64(all.Sent)),
		float64(all.Sent)/float64(all.Encoded))
	w.line("  by group", "%s", shares(s.Groups, all.Sent))
	w.line("  by field", "%s", shares(s.Fields, all.Sent))
	for _, hint := range s.Hints {
		w.line("  hint", "%s", hint)
	}
}

// shares lists the dearest and their part of all; what is less than one per cent is left
// out.
func shares(counted map[string]report.Counted, all int64) string {
	var words []string
	for _, name := range report.Dearest(counted) {
		if part := 100 * float64(counted[name].Sent) / float64(all); part >= 1 {
			words = append(words, fmt.Sprintf("%s %.0f %%", name, part))
		}
	}
	return strings.Join(words, ", ")
}
