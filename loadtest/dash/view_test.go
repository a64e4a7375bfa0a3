package dash

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"

	"github.com/google/go-cmp/cmp"

	"github.com/roomtick/roomtick/loadtest/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// calm is a run in its second minute with nothing wrong.
func calm() *report.Live {
	l := &report.Live{
		Elapsed: 75, Seconds: 120, Stage: "hold",
		Config: report.Config{
			Game: "arena", Play: "wander", URL: "http://127.0.0.1:8080", Net: "rtt=80ms",
			Ramp: []report.RampLeg{{Second: 0, Bots: 0}, {Second: 30, Bots: 500}, {Second: 60, Bots: 1000}, {Second: 110, Bots: 1000}, {Second: 120, Bots: 0}},
		},
		Joined: 1000, EchoMS: report.Quantiles{P50: 41.25, P99: 88, Max: 120, N: 1000},
		Reach: 0.99987, LagMS: report.Quantiles{P50: 0.1, P99: 1.75, Max: 4, N: 1000},
	}
	for i := range 75 {
		l.Recent = append(l.Recent, report.Point{
			T: float64(i + 1), Bots: report.Bots{Wanted: 1000, Live: min(1000, 16*(i+1))},
			Echo:  report.Quantiles{P50: 40 + float64(i%5), P99: 80 + float64(i%9)*5, N: 100},
			Lag:   report.Quantiles{P99: 1 + float64(i%4)/2, N: 100},
			Reach: 1 - float64(i%10)/10_000, Bytes: int64(i) * 20_000, OwnCPU: 0.7,
			Server: &report.ServerPoint{Tick: report.Quantiles{P99: 3 + float64(i%3), N: 1}, CPU: float64(i) / 80, RSS: 120, Rooms: 20},
		})
	}
	l.Now = l.Recent[len(l.Recent)-1]
	return l
}

// troubled is a short run in which everything goes wrong.
func troubled() *report.Live {
	l := &report.Live{
		Elapsed: 3, Seconds: 12, Stage: "ramp",
		Config: report.Config{Game: "tag", Play: "idle", URL: "http://localhost:1/a/very/long/address/that/does/not/fit", Ramp: []report.RampLeg{{Bots: 0}, {Second: 6, Bots: 20}}},
		NotIn:  7, Reach: 0.7, LagMS: report.Quantiles{P99: 44, N: 1},
		Faults: map[string]int64{"gap": 3, "hash": 1}, Closes: map[int]int64{1006: 4, 4008: 0},
		Failures:  []string{"not let in: connection refused (x 312)", "bad \x1b[2J words\n", "three", "four", "five"},
		ServerErr: "Get \"http://localhost:2/metrics\": refused",
	}
	l.Recent = []report.Point{{T: 1}, {T: 2, Bots: report.Bots{Live: 3}, Reach: 0.4}, {T: 3, Bots: report.Bots{Wanted: 10, Joining: 4, Live: 3}, Reach: 0.7, Lag: report.Quantiles{P99: 44, N: 1}}}
	l.Now = l.Recent[2]
	return l
}

func TestGoldenPicturesOfRuns(t *testing.T) {
	for _, c := range []struct {
		name    string
		live    *report.Live
		width   int
		palette Palette
	}{
		{"calm_100", calm(), 100, Palette{}},
		{"calm_60", calm(), 60, Palette{}},
		{"calm_colours_80", calm(), 80, Colours()},
		{"troubled_80", troubled(), 80, Palette{}},
		{"before_the_first_second_80", &report.Live{Seconds: 10}, 80, Palette{}},
	} {
		path := filepath.Join("testdata", c.name+".txt")
		got := View(c.live, c.width, c.palette)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	for _, live := range []*report.Live{calm(), troubled(), {}} {
		for width := minWidth; width < 200; width += 7 {
			for line := range strings.Lines(View(live, width, Colours())) {
				if w := lipgloss.Width(strings.TrimSuffix(line, "\n")); w > width {
					t.Errorf("%d columns in a terminal of %d: %q", w, width, line)
				}
			}
		}
	}
}

func TestAServersWordsCannotCommandTheTerminal(t *testing.T) {
	if strings.Contains(View(troubled(), 80, Palette{}), "\x1b") {
		t.Error("an escape sequence got through")
	}
}

func TestASparklineSpansItsScaleAndLeavesGaps(t *testing.T) {
	nan := math.NaN()
	if got := spark([]float64{0, 5, 10, nan, 20, -1}, 0, 10); got != "▁▅█ █▁" {
		t.Errorf("%q", got)
	}
	if from, to := scale([]float64{3, nan, 3}, 0); from != 0 || to != 3 {
		t.Errorf("from %v to %v", from, to)
	}
	if from, to := scale([]float64{1, 0.5}, 0.99); from != 0.5 || to != 1 {
		t.Errorf("from %v to %v", from, to)
	}
	if from, to := scale(nil, 0); from >= to {
		t.Errorf("from %v to %v: an empty scale", from, to)
	}
}

func TestARampIsStraightBetweenItsCorners(t *testing.T) {
	ramp := []report.RampLeg{{Second: 10, Bots: 100}, {Second: 20, Bots: 200}, {Second: 20, Bots: 50}}
	for at, want := range map[float64]float64{0: 0, 10: 100, 15: 150, 20: 50, 99: 50} {
		if got := wantedAt(ramp, at); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("at %v s: %v, want %v", at, got, want)
		}
	}
}
