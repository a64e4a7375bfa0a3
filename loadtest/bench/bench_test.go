//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
)

// TestTinyRunsMeasureRealServersAndClients starts every kind of process there is, with so
// few clients and so short that the figures mean nothing.
func TestTinyRunsMeasureRealServersAndClients(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	file := filepath.Join(t.TempDir(), "bench.json")
	var out, said bytes.Buffer
	args := []string{"-only", "cpu,bytes,slow,rooms,sdk,queue,match", "-rounds", "1", "-seconds", "0.3", "-clients", "50", "-rooms", "5", "-json", file}
	if err := run(t.Context(), args, strings.NewReader(""), &out, &said); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]float64)
	for _, f := range r.Figures {
		if !strings.Contains(out.String(), f.What) {
			t.Errorf("the table lacks %q", f.What)
		}
		found[f.Suite+": "+f.What] = f.Value.Median
	}
	for _, what := range []string{
		"cpu: 1 x 50: CPU per snapshot, game aside", "cpu: 1 x 50: bare sockets", "cpu: 1 x 50: ratio", "cpu: 5 x 10: ratio",
		"bytes: wander, 50 in view: bytes an update, everything counted", "bytes: bits an update, movers.x",
		"slow: narrow after a second: bytes of a snapshot for it", "rooms: 5 rooms of 2 at 2 Hz: memory of the process",
		"sdk: roomtick.js, gzipped", "queue: a round of 100000 tickets, duel", "queue: duel: tickets matched in it",
		"match: one node: joins per core of the server", "match: 1000 joins a second while 50 play: p99",
		"match: 3 nodes over Redis: joins, every second one opens a room",
	} {
		if found[what] <= 0 {
			t.Errorf("%q is %v", what, found[what])
		}
	}
	if n := found["bytes: updates a snapshot"]; n < 45 || n > 50 {
		t.Errorf("%v updates a snapshot, of 50 movers", n)
	}
}

func TestABadCommandLineIsReportedWhole(t *testing.T) {
	_, err := parse([]string{"-only", "cpu,chess", "-rounds", "0", "-seconds", "0", "more"}, io.Discard)
	if !errors.Is(err, errUsage) {
		t.Fatalf("got %v", err)
	}
	for _, word := range []string{"chess", "-rounds 0", "-seconds 0", `"more"`} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not mention %s", err, word)
		}
	}
}

func TestClimbFindsTheMostThatIsHeld(t *testing.T) {
	for _, most := range []int{0, 40, 120, 600, 700, 2345, 9000, 20000} {
		c := climb{at: 600, limit: 10000, step: 2}
		for tries := 0; c.next(c.at <= most); tries++ {
			if tries > 20 {
				t.Fatalf("most %d: no end, at %d", most, c.at)
			}
		}
		low, high := c.best, c.beyond
		if high == 0 {
			high = most + 1
		}
		if low > most || high <= most || most > 100 && most <= 10000 && low < most*2/3 {
			t.Errorf("most %d: held %d, beyond %d", most, c.best, c.beyond)
		}
	}
}

func TestPerRowReadsTheMetricOfEachRound(t *testing.T) {
	names, values := perRow(`goos: linux
BenchmarkEncodeStep/rows=50-2   	 1000	 900 ns/op	 18.0 ns/row	 0 B/op
BenchmarkEncodeStep/rows=50-2   	 1000	 950 ns/op	 19.0 ns/row	 0 B/op
BenchmarkOther-2   	 1000	 950 ns/op
ok
`)
	if len(names) != 1 || names[0] != "EncodeStep/rows=50" || len(values[names[0]]) != 2 || values[names[0]][1] != 19 {
		t.Errorf("%v %v", names, values)
	}
}

func TestPerTickReadsTheBenchmarkOfThatManyCores(t *testing.T) {
	text := "BenchmarkRooms \t 100\t 900.5 ns/op\nBenchmarkRooms-2 \t 200\t 450 ns/op\nok\n"
	if one, two, three := perTick(text, "BenchmarkRooms"), perTick(text, "BenchmarkRooms-2"), perTick(text, "BenchmarkRooms-3"); one != 900.5 || two != 450 || three != 0 {
		t.Errorf("%v %v %v", one, two, three)
	}
}

func TestTheEntropyIsThatOfWhatNobodyCouldForesee(t *testing.T) {
	total, columns, err := entropy()
	if err != nil {
		t.Fatal(err)
	}
	// 41 pushes and 49 turns, each nearly as likely as the other; hp is 1 of 100 values in
	// a fiftieth of the ticks.
	for name, want := range map[string][2]float64{
		"movers.x": {5.2, 5.4}, "movers.y": {5.2, 5.4}, "movers.angle": {5.5, 5.65}, "movers.hp": {0.24, 0.3},
	} {
		if got := columns[name]; got < want[0] || got > want[1] {
			t.Errorf("%s: %.3f bits, want %v", name, got, want)
		}
	}
	if total < 2 || total > 2.2 {
		t.Errorf("%.3f bytes", total)
	}
}

func TestATableOfABusyMachineSaysSo(t *testing.T) {
	r := report{Cores: 2, Others: 0.08, Figures: []figure{{Suite: "cpu", What: "a"}}}
	if text := r.text(); strings.Contains(text, "too much") {
		t.Errorf("warned for nothing:\n%s", text)
	}
	r.Others = 0.2
	if text := r.text(); !strings.Contains(text, "too much") {
		t.Errorf("did not warn:\n%s", text)
	}
}

func TestAGamesTimeIsThatOfItsUsualStep(t *testing.T) {
	m := proc.Metrics{ // ten steps of which one did not run for a second
		`roomtick_tick_phase_seconds_bucket{phase="step",le="0.0001"}`: 0,
		`roomtick_tick_phase_seconds_bucket{phase="step",le="0.0002"}`: 9,
		`roomtick_tick_phase_seconds_bucket{phase="step",le="+Inf"}`:   10,
		`roomtick_tick_phase_seconds_sum{phase="step"}`:                1.002,
		`roomtick_tick_phase_seconds_count{phase="step"}`:              10,
	}
	if got := gameTime(m); got < time.Millisecond || got > 2*time.Millisecond {
		t.Errorf("got %v", got)
	}
	if got := gameTime(proc.Metrics{}); got != 0 {
		t.Errorf("of no steps it is %v", got)
	}
}

func TestARunThatIsEndedLeavesNothingBehind(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	stop(why)
	b := &bench{opts: options{rounds: 1, seconds: 1, clients: 50}, progress: io.Discard, report: newReport(options{})}
	if _, err := b.run(ctx); err == nil {
		t.Error("a run without time succeeded")
	}
}

func TestEveryPeerStandsBesideAFigure(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites() {
		r := report{suite: suite.name}
		r.add(figure{What: "something else"})
		if got := r.Figures[0].Peers; got != "" {
			t.Errorf("%s: %q beside something else", suite.name, got)
		}
	}
	for _, p := range peers() {
		r := report{suite: p.suite}
		r.add(figure{What: "1 " + p.what + " of it", Held: "<= 1"})
		if text := r.text(); !strings.Contains(text, "<= 1") || !strings.Contains(text, p.shows) {
			t.Errorf("%s is not printed:\n%s", p.what, text)
		}
		last := p.what[strings.LastIndex(p.what, ": ")+1:] // the rest is put together
		named := slices.ContainsFunc(sources, func(name string) bool {
			source, err := os.ReadFile(name)
			return err == nil && name != "peers.go" && !strings.HasSuffix(name, "_test.go") && strings.Contains(string(source), strings.TrimSpace(last))
		})
		if !named {
			t.Errorf("no suite has a figure with %q in its name", last)
		}
	}
}
