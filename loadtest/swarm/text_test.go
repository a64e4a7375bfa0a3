package swarm

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

func TestTheReportNamesTheWorstBotAndWhatWasShared(t *testing.T) {
	r, _ := wellPlayed()
	r.Totals.Worst = report.Silence{Bot: "bot 17", Room: "abc", From: 4.12, Length: 2013}
	r.Totals.BytesPerSecond, r.Totals.TCPIn = 3368085, 5
	r.Server = &report.Server{Deltas: report.Forms{"step": 900, "keyframe": 100}, Encodings: 40}
	all := text(r)
	for _, want := range []string{
		"worst bot        bot 17 in room abc got no snapshot for 2013 ms, from 4.1 s into the run on",
		"shared           96.0 % of the deltas in frames were encoded for another bot already: 40 encodings; keyframe: 100, step: 900",
		"3.37 MB a bot and second", "tcp              5 B in",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestDeltasAreCountedByForm(t *testing.T) {
	page := func(step, jump string) *sample {
		return &sample{values: parseMetrics(metricDeltas + "{form=\"step\"} " + step + "\n" + metricDeltas + "{form=\"jump\"} " + jump)}
	}
	forms := page("90", "7").formsSince(page("50", "5"))
	if len(forms) != 2 || forms["step"] != 40 || forms["jump"] != 2 {
		t.Errorf("%v", forms)
	}
}

func TestASecondReachesNoMoreThanItOwes(t *testing.T) {
	for _, c := range []struct {
		owed, paid int64
		want       float64
	}{{0, 0, 1}, {100, 100, 1}, {100, 97, 0.97}, {100, 140, 1}, {100, 0, 0}} {
		if got := reach(&client.Counts{Owed: c.owed, Paid: c.paid}); got != c.want {
			t.Errorf("%d of %d: %v, want %v", c.paid, c.owed, got, c.want)
		}
	}
}

func TestCountsThatMissTheStartOfTheRunAreNotGiven(t *testing.T) {
	broken := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, metricSkipped+" 0")
	}))
	defer server.Close()
	s := newScraper(http.DefaultClient, server.URL)
	s.look(t.Context())
	broken = false
	s.look(t.Context())
	if word, _, err := s.word(); word != nil || err == nil || !strings.Contains(err.Error(), "before the run") || !strings.Contains(err.Error(), "503") {
		t.Errorf("%+v, %v", word, err)
	}
	s = newScraper(http.DefaultClient, server.URL)
	s.look(t.Context())
	if word, _, err := s.word(); word == nil || err != nil {
		t.Errorf("%+v, %v", word, err)
	}
}
