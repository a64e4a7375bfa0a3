package swarm

import (
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/report"
)

func TestTheServersBytesAreThoseOfTheRunAndOfItsGame(t *testing.T) {
	metrics := func(x, cell, other string) map[string]float64 {
		return parseMetrics(`
roomtick_field_bytes_total{counted="encoded",field="x",game="arena",table="ships"} ` + x + `
roomtick_field_bytes_total{counted="sent",field="x",game="arena",table="ships"} ` + x + `0
roomtick_field_bytes_total{counted="sent",field="x",game="other",table="ships"} ` + other + `
roomtick_group_bytes_total{counted="sent",game="arena",kind="cell"} ` + cell + `
roomtick_delta_overhead_bytes_total{counted="sent",game="arena",kind="log"} ` + cell + "\n")
	}
	before, now := &sample{values: metrics("100", "7", "1")}, &sample{values: metrics("150", "10", "99")}
	s := now.spendingSince(before, "arena")
	if s == nil || s.Fields["ships.x"] != (report.Counted{Encoded: 50, Sent: 500}) || s.Groups["cell"].Sent != 3 || s.Overhead["log"].Sent != 3 {
		t.Fatalf("%+v", s)
	}
	if now.spendingSince(before, "neither") != nil {
		t.Error("a game that the server does not have has bytes")
	}
	s.Hints = []string{"ships.x at step 0.1 instead of 0.01 would save about 31 % of its bytes, 20 % of all"}
	var told page
	told.spending(&report.Report{Server: &report.Server{Spending: s}})
	for _, want := range []string{"each 10.1 times", "ships.x 99 %", "hint", "at step 0.1 instead of 0.01"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("no %q in\n%s", want, told.String())
		}
	}
}
