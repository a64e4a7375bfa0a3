package html

import (
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/report"
)

func TestThePageTellsOfTheQueue(t *testing.T) {
	if queueOf(nil) != nil {
		t.Error("a section of a queue though nobody queued")
	}
	r := &report.Report{Queue: &report.Queue{
		Name: "ranked", Tickets: 9, Matched: 7, Expired: 2, Matches: 3,
		Bands: []report.Band{{Skill: "from 1800", WaitMS: report.Quantiles{P50: 300, P99: 4100, Max: 4200, N: 2}}},
	}}
	var page strings.Builder
	if err := Write(&page, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Queue ranked", "9: 7 matched, 0 cancelled, 2 expired", "skill from 1800"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
}
