package html

import (
	"strings"

	"github.com/roomtick/roomtick/loadtest/report"
)

// mostFields bounds the table of fields.
const mostFields = 30

// spendingsOf are the tables of where the server's bytes went, the bots' own figures
// beside; none if it did not tell.
func spendingsOf(r *report.Report) []section {
	if r.Server == nil || r.Server.Spending == nil || r.Server.Spending.Deltas().Sent == 0 {
		return nil
	}
	s := r.Server.Spending
	all := float64(s.Deltas().Sent)
	fields := section{Title: "Bytes of deltas by field", Head: []string{"", "decoded by bots", "sent by the server", "of all", "encoded"}}
	for i, name := range report.Dearest(s.Fields) {
		if i == mostFields {
			break
		}
		n := s.Fields[name]
		fields.Rows = append(fields.Rows, []string{name, decoded(&r.Delta, name), amount(float64(n.Sent), "B"), percent(float64(n.Sent) / all), amount(float64(n.Encoded), "B")})
	}
	groups := section{Title: "Bytes of deltas by kind of group", Head: []string{"", "sent by the server", "of all", "encoded"}}
	add := func(prefix string, counted map[string]report.Counted) {
		for _, name := range report.Dearest(counted) {
			n := counted[name]
			groups.Rows = append(groups.Rows, []string{prefix + name, amount(float64(n.Sent), "B"), percent(float64(n.Sent) / all), amount(float64(n.Encoded), "B")})
		}
	}
	add("", s.Groups)
	add("in no field: ", s.Overhead)
	sections := []section{fields, groups}
	if len(s.Hints) > 0 {
		hints := section{Title: "Where a coarser step would save"}
		for _, hint := range s.Hints {
			hints.Rows = append(hints.Rows, []string{hint})
		}
		sections = append(sections, hints)
	}
	return sections
}

// decoded is what the bots found of a field.
func decoded(d *report.DeltaBytes, name string) string {
	table, field, _ := strings.Cut(name, ".")
	bits, known := d.Tables[table][field]
	if !known {
		return ""
	}
	return amount(float64(bits)/8, "B")
}
