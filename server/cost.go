package server

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roomtick/roomtick/room"
)

// spendings lists where the bytes of every game's rooms went, by the games' names.
func (n *node) spendings() []*room.Spending {
	var all []*room.Spending
	for _, name := range slices.Sorted(maps.Keys(n.costs)) {
		all = append(all, n.costs[name].Spending())
	}
	return all
}

// costs are the metrics of where bytes went. Encoded counts an encoding once, sent for
// everybody who got it.
func (c *collector) costs(out chan<- prometheus.Metric) {
	family := func(name, help string, labels ...string) func(made, sent float64, values ...string) {
		d := describe(name, help, append(labels, "counted")...)
		return func(made, sent float64, values ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, made, append(values, "encoded")...)
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, sent, append(values, "sent")...)
		}
	}
	field := family("field_bytes_total", "Bytes of group deltas by field.", "game", "table", "field")
	group := family("group_bytes_total", "Bytes of group deltas by kind of group; far: cells of the rings around a view.", "game", "kind")
	overhead := family("delta_overhead_bytes_total", "Bytes of group deltas in no field.", "game", "kind")
	for _, s := range c.n.spendings() {
		for _, f := range s.Fields {
			field(f.Made, f.Sent, s.Game, f.Table, f.Field)
		}
		for _, g := range s.Groups {
			group(g.Made, g.Sent, s.Game, g.Kind)
		}
		for _, o := range s.Overhead {
			overhead(o.Made, o.Sent, s.Game, o.Kind)
		}
	}
}

// adminCost answers with where the bytes went: as a table, or as JSON if asked for it.
func adminCost(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.URL.Query().Get("format") == "json" || strings.Contains(r.Header.Get("Accept"), "application/json") {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(n.spendings()) // the client may be gone
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, s := range n.spendings() {
			writeSpending(w, s)
		}
	}
}

// writeSpending writes one game's bytes for people.
func writeSpending(w io.Writer, s *room.Spending) {
	_, _ = fmt.Fprintf(w, "%s: %s sent in frames; deltas %s, events %s, envelopes %s\n",
		s.Game, amount(s.Frames), share(s.Deltas, s.Frames), share(s.Events, s.Frames), share(s.Envelopes, s.Frames))
	if s.Frames == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, made, sent float64) {
		if made+sent > 0 {
			_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", name, share(sent, s.Frames), amount(sent), amount(made))
		}
	}
	_, _ = fmt.Fprint(t, "  \tof all\tsent\tencoded\n")
	for _, f := range s.Fields {
		row(f.Table+"."+f.Field, f.Made, f.Sent)
	}
	for _, o := range s.Overhead {
		row("("+o.Kind+")", o.Made, o.Sent)
	}
	_, _ = fmt.Fprint(t, "  by group\t\t\t\n")
	for _, g := range s.Groups {
		row(g.Kind, g.Made, g.Sent)
	}
	_ = t.Flush()
	for _, hint := range s.Hints {
		_, _ = fmt.Fprintf(w, "  %s\n", hint)
	}
}

// amount writes bytes with a unit.
func amount(bytes float64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.2f GB", bytes/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.2f MB", bytes/1e6)
	case bytes >= 1e3:
		return fmt.Sprintf("%.1f KB", bytes/1e3)
	}
	return fmt.Sprintf("%.0f B", bytes)
}

// share writes part of all in per cent.
func share(part, all float64) string {
	if all == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*part/all)
}
