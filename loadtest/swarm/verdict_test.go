package swarm

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

// wellPlayed is a run of two bots in which nothing was wrong.
func wellPlayed() (*report.Report, *sums) {
	t := newSums()
	t.short = []shortfall{{name: "bot 1", due: 200, conns: 1}, {name: "bot 2", due: 200, conns: 1}}
	return &report.Report{
		Config: report.Config{Play: "brain", Decode: true, Seconds: 10},
		Totals: report.Totals{
			Joins: 2, Joined: 2, Inputs: 400, LagMS: report.Quantiles{P99: 1, N: 1},
			Faults: map[string]int64{}, Closes: map[int]int64{},
		},
	}, &t
}

func TestAGoodRunPasses(t *testing.T) {
	r, sums := wellPlayed()
	judge(r, sums, nil, nil)
	if !r.Verdict.OK || !r.Verdict.Valid || exitCode(r) != exitOK || r.Verdict.Word() != "ok" {
		t.Errorf("%+v", r.Verdict)
	}
}

func TestWhatFailsARunAndWhatMakesItInvalid(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(r *report.Report, t *sums)
		code   int
		says   string
	}{
		{"a lag", func(r *report.Report, _ *sums) { r.Totals.LagMS.P99 = 6 }, exitInvalid, "6.0 ms behind their own schedule"},
		{"no core", func(r *report.Report, _ *sums) { r.Totals.Waited = 0.6 }, exitInvalid, "60 % of the time"},
		{"no core for a moment", func(r *report.Report, _ *sums) { r.Totals.Waited, r.Config.Seconds = 0.6, 0.1 }, exitOK, ""},
		{"inputs left out", func(r *report.Report, _ *sums) { r.Totals.Skipped = 20 }, exitInvalid, "4.8 % of their inputs"},
		{"one input in a hundred left out", func(r *report.Report, _ *sums) { r.Totals.Skipped = 4 }, exitOK, ""},
		{"no input", func(r *report.Report, _ *sums) { r.Totals.Inputs = 0 }, exitInvalid, "no input at all"},
		{"two ticks at the edges", func(_ *report.Report, t *sums) { t.short[0].missing = 2 }, exitOK, ""},
		{"one more", func(_ *report.Report, t *sums) { t.short[0].missing = 3 }, exitFailed, "bot 1: 3 of 200 due ticks never came, allowed are 2"},
		{"two for each of two conns", func(_ *report.Report, t *sums) { t.short[0].missing, t.short[0].conns = 4, 2 }, exitOK, ""},
		{"and those the server gave up", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing, t.short[1].missing = &report.Server{Skipped: 5}, 7, 5
		}, exitOK, ""},
		{"more than the server gave up", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing, t.short[1].missing = &report.Server{Skipped: 5}, 8, 6
		}, exitFailed, "allowed are 7"},
		{"what only other rooms gave up", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing = &report.Server{Skipped: 500}, 100
		}, exitFailed, "bot 1: 100 of 200 due ticks never came, allowed are 2"},
		{"what a bot alone in its room missed", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing, t.short[0].room = &report.Server{Skipped: 500}, 100, "alone"
		}, exitOK, ""},
		{"what a bot alone missed after its newest snapshot", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing, t.short[0].tail, t.short[0].room = &report.Server{Skipped: 500}, 100, 90, "alone"
		}, exitFailed, "bot 1: 100 of 200 due ticks never came, allowed are 12"},
		{"what the other left too early to see", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing, t.short[0].tail, t.short[1].missing = &report.Server{Skipped: 500}, 100, 90, 100
			t.short[0].to, t.short[0].every, t.short[1].to = 10*time.Second, 50*time.Millisecond, 2*time.Second
		}, exitFailed, "bot 1: 100 of 200 due ticks never came, allowed are 12"},
		{"two alone who missed more than was given up", func(r *report.Report, t *sums) {
			r.Server = &report.Server{Skipped: 100}
			t.short[0].missing, t.short[0].room, t.short[1].missing, t.short[1].room = 100, "alone", 30, "alone too"
		}, exitFailed, "1 bots are short of ticks, the worst bot 1: 100 of 200 due ticks never came, allowed are 74"},
		{"another server's metrics", func(r *report.Report, _ *sums) {
			r.Server, r.Totals.Frames, r.Config.Admin = &report.Server{Frames: 90}, 101, "http://elsewhere"
		}, exitFailed, "-admin http://elsewhere sent 90 frames in this run and the bots received 101"},
		{"a server that sent others something too", func(r *report.Report, _ *sums) {
			r.Server, r.Totals.Frames, r.Totals.Byes = &report.Server{Frames: 100}, 101, 2
		}, exitOK, ""},
		{"while the other bot was not there yet", func(r *report.Report, t *sums) {
			r.Server, t.short[0].missing = &report.Server{Skipped: 500}, 22
			t.short[0].to, t.short[0].every, t.short[1].from, t.short[1].to = 10*time.Second, 50*time.Millisecond, time.Second, 10*time.Second
		}, exitOK, ""},
		{"a hash the server found wrong", func(r *report.Report, _ *sums) { r.Server = &report.Server{Mismatches: 3} }, exitFailed, "found 3 hashes wrong"},
		{"a join refused", func(r *report.Report, t *sums) {
			r.Totals.NotIn = 1
			t.failures.add("not let in: full")
		}, exitFailed, "! not let in: full\n"},
		{"nobody", func(r *report.Report, _ *sums) { r.Totals.Joined = 0 }, exitFailed, "nobody got to join"},
		{"resets alone", func(r *report.Report, _ *sums) { r.Totals.Resets = 5 }, exitOK, ""},
	} {
		r, sums := wellPlayed()
		c.change(r, sums)
		judge(r, sums, nil, nil)
		if exitCode(r) != c.code || !strings.Contains(text(r), c.says) {
			t.Errorf("%s: exit code %d, want %d and something about %q:\n%s", c.name, exitCode(r), c.code, c.says, text(r))
		}
	}
}

func TestAnyFaultFailsTheRun(t *testing.T) {
	for _, f := range client.Faults() {
		r, sums := wellPlayed()
		r.Totals.Faults[f.String()] = 1
		judge(r, sums, nil, nil)
		if r.Verdict.OK || exitCode(r) != exitFailed || !strings.Contains(text(r), "FAILED") {
			t.Errorf("a %v fault passed", f)
		}
	}
}

func TestMetricsThatWereAskedForMustBeThere(t *testing.T) {
	r, sums := wellPlayed()
	judge(r, sums, errors.New("admin: refused"), nil)
	if r.Verdict.OK || !strings.Contains(text(r), "! admin: refused") {
		t.Errorf("passed:\n%s", text(r))
	}
}

func TestAnAssertionThatDoesNotHoldHasItsOwnExitCode(t *testing.T) {
	r, sums := wellPlayed()
	r.Totals.EchoMS = report.Quantiles{P99: 200, N: 1}
	var conditions []report.Condition
	for _, text := range []string{"echo.p99<150ms", "joined>=2"} {
		c, err := report.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		conditions = append(conditions, c)
	}
	judge(r, sums, nil, conditions)
	if exitCode(r) != exitAssert || !strings.Contains(text(r), "echo.p99<150ms: 200, DOES NOT HOLD") || !strings.Contains(text(r), "joined>=2: 2, holds") {
		t.Errorf("exit code %d:\n%s", exitCode(r), text(r))
	}
	r.Verdict.Valid = false
	if exitCode(r) != exitInvalid {
		t.Error("an invalid run may not fail by its figures")
	}
}

func TestFailuresThatSayTheSameAreToldOnce(t *testing.T) {
	var all tally
	for range 312 {
		all.add("not let in: 429 in room 17")
	}
	all.add("not let in: 429 in room 18")
	all.add("bot 3: close: 4012 lagging")
	if got := strings.Join(all.words(), "|"); got != "not let in: 429 in room 17 (x 313)|bot 3: close: 4012 lagging" {
		t.Error(got)
	}
	for i := range 20 {
		all.add(strings.Repeat("x", i+1))
	}
	if words := all.words(); len(words) != maxReasons+1 || words[maxReasons] != "and 14 more" {
		t.Errorf("%q", words)
	}
}

func TestTheServersTicksComeOutOfItsBuckets(t *testing.T) {
	page := func(fast, slow string) *sample {
		return &sample{at: time.Unix(0, 0), values: parseMetrics("# HELP x\n" +
			metricTick + "_bucket{le=\"0.001\"} " + fast + "\n" + metricTick + "_bucket{le=\"0.002\"} " + slow + "\n" +
			metricTick + "_bucket{le=\"+Inf\"} " + slow + "\n" + metricTick + "_sum 3\n")}
	}
	q := report.QuantilesOf(page("190", "210").ticksSince(page("100", "110")))
	if q.N != 100 || q.P50 < 0.3 || q.P50 > 0.7 || q.P99 < 1.5 || q.Max > 2 {
		t.Errorf("90 ticks below 1 ms and 10 from there to 2 ms: %+v", q)
	}
}
