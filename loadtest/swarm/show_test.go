package swarm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/report"
)

func TestASavedReportIsShownAgainAsDashboardAndAsPage(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "run.json")
	r := report.Report{Version: report.Version, Config: report.Config{Game: "arena", Seconds: 3}}
	for i := range 3 {
		r.Timeline = append(r.Timeline, report.Point{T: float64(i + 1), Bots: report.Bots{Live: 10 * (i + 1)}})
	}
	if err := writeFile(saved, r.WriteJSON); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{"": "30 of", "2s": "20 of"} {
		args := []string{saved}
		if at != "" {
			args = []string{"-at", at, saved}
		}
		var out, errs strings.Builder
		if code := show(t.Context(), args, &out, &errs); code != exitOK || !strings.Contains(out.String(), want) {
			t.Errorf("at %q: code %d, %s%s", at, code, errs.String(), out.String())
		}
	}
	page := filepath.Join(t.TempDir(), "run.html")
	if code := show(t.Context(), []string{"-html", page, saved}, &strings.Builder{}, &strings.Builder{}); code != exitOK {
		t.Errorf("code %d", code)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "<svg") {
		t.Errorf("the page is %.40q, %v", text, err)
	}
}

func TestShowSaysHowToCallIt(t *testing.T) {
	for _, args := range [][]string{{}, {"a", "b"}, {"-wide", "a"}, {filepath.Join(t.TempDir(), "none.json")}} {
		var errs strings.Builder
		if code := show(t.Context(), args, &strings.Builder{}, &errs); code != exitUsage || errs.Len() == 0 {
			t.Errorf("%q: code %d, %q", args, code, errs.String())
		}
	}
}
