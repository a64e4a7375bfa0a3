package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/client"
)

// histogram holds the given durations in milliseconds.
func histogram(ms ...int) *hdrhistogram.Histogram {
	h := client.NewHistogram()
	for _, d := range ms {
		client.Record(h, time.Duration(d)*time.Millisecond)
	}
	return h
}

// good is how a bot ends that played for ten seconds in a room without fault.
func good(room string) outcome {
	c := &client.Counters{}
	c.Received.Store(190)
	c.Jumped.Store(10)
	c.Bytes.Store(10_000)
	c.Updates.Store(5_000)
	c.InView.Store(190 * 25)
	return outcome{counters: c, result: client.Result{
		Name: "bot", Room: room, Join: 20 * time.Millisecond, Live: 10 * time.Second,
		Due: 200, Covered: 200, Gap: histogram(50, 50, 50, 100), Lag: histogram(0, 1), Resume: histogram(),
		Closes: map[int]int{}, Faults: map[client.Fault]int64{},
	}}
}

func reportOf(bots int, outcomes ...outcome) report {
	return newReport(settings{bots: bots, hold: 10 * time.Second}, outcomes, 7, histogram(0), serverWord{})
}

func near(a, b float64) bool { return math.Abs(a-b) <= b/100 }

func TestTheReportAddsUpItsBots(t *testing.T) {
	r := reportOf(2, good("a"), good("b"))
	if !r.OK || !r.Valid || exitCode(&r, nil, io.Discard) != exitOK {
		t.Fatalf("not ok: %+v", r)
	}
	if r.Joined != 2 || r.Rooms != 2 || r.Due != 400 || r.Received != 380 || r.Jumped != 20 || r.Agreed != 7 {
		t.Errorf("sums are wrong: %+v", r)
	}
	for name, v := range map[string][2]float64{
		"reach":                {r.Reach, 1},
		"bytes per bot second": {r.BytesPerSecond, 1000},
		"bytes per update":     {r.BytesPerUpdate, 2},
		"entities in view":     {r.InView, 25},
		"gap p50":              {r.GapMS.P50, 50},
		"gap p99":              {r.GapMS.P99, 100},
		"join p50":             {r.JoinMS.P50, 20},
	} {
		if !near(v[0], v[1]) {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if r.GapMS.N != 8 || r.LagMS.N != 5 {
		t.Errorf("%d gaps and %d lags, want 8 and 5", r.GapMS.N, r.LagMS.N)
	}
}

func TestReachFallsWithTicksThatNeverCame(t *testing.T) {
	o := good("a")
	o.result.Covered = 150
	r := reportOf(1, o)
	if !near(r.Reach, 0.75) || r.Missing != 50 {
		t.Errorf("reach %v, %d missing, want 0.75 and 50", r.Reach, r.Missing)
	}
	if r.OK || len(r.Reasons) != 1 || !strings.Contains(r.Reasons[0], "50 of 200 due ticks never came, allowed are 2") {
		t.Errorf("passed: %q", r.Reasons)
	}
}

func TestOnlyTicksAtTheEdgesOfAConnMayBeMissing(t *testing.T) {
	for _, c := range []struct {
		name    string
		missing int64
		resumes int64
		word    serverWord
		ok      bool
	}{
		{"two at the edges of one conn", 2, 0, serverWord{}, true},
		{"one more", 3, 0, serverWord{}, false},
		{"two for each of two conns", 4, 1, serverWord{}, true},
		{"one more of two conns", 5, 1, serverWord{}, false},
		{"and those the server gave up", 7, 0, serverWord{known: true, skipped: 5}, true},
		{"one more than it gave up", 8, 0, serverWord{known: true, skipped: 5}, false},
	} {
		o := good("a")
		o.result.Covered -= c.missing
		o.counters.Resumes.Store(c.resumes)
		// One bot's spare ticks are no excuse for another's.
		r := newReport(settings{bots: 2}, []outcome{o, good("a")}, 0, histogram(0), c.word)
		if r.OK != c.ok {
			t.Errorf("%s: ok %v, want %v; %q", c.name, r.OK, c.ok, r.Reasons)
		}
		if text := r.text(); !strings.Contains(text, "allowed 2 a conn at its edges") {
			t.Errorf("%s: the output does not say the allowance:\n%s", c.name, text)
		}
	}
}

func TestAHashThatTheServerFoundWrongFailsTheRun(t *testing.T) {
	of := func(w serverWord) report {
		return newReport(settings{bots: 1}, []outcome{good("a")}, 0, histogram(0), w)
	}
	if r := of(serverWord{known: true}); !r.OK || !strings.Contains(r.text(), "found wrong by the server: 0\n") {
		t.Errorf("ok %v\n%s", r.OK, r.text())
	}
	if r := of(serverWord{known: true, mismatches: 3}); r.OK || !strings.Contains(r.text(), "the server found 3 hashes wrong") {
		t.Errorf("ok %v\n%s", r.OK, r.text())
	}
	if r := of(serverWord{}); !r.OK || !strings.Contains(r.text(), "found wrong by the server: not known") {
		t.Errorf("ok %v\n%s", r.OK, r.text())
	}
	if r := of(serverWord{err: errors.New("admin: refused")}); r.OK || !strings.Contains(r.text(), "! admin: refused") {
		t.Errorf("ok %v\n%s", r.OK, r.text())
	}
}

func TestResetsAloneFailNothing(t *testing.T) {
	o := good("a")
	o.counters.Resets.Store(5)
	if r := reportOf(1, o); !r.OK || r.Resets != 5 {
		t.Errorf("%d resets: ok %v", r.Resets, r.OK)
	}
}

func TestARunThatDidNotSendItsLoadIsInvalid(t *testing.T) {
	for _, c := range []struct {
		sent, skipped int64
		valid         bool
	}{{990, 10, true}, {980, 20, false}, {0, 0, false}} {
		o := good("a")
		o.counters.Inputs.Store(c.sent)
		o.counters.Skipped.Store(c.skipped)
		r := newReport(settings{bots: 1, play: client.PlayWander}, []outcome{o}, 0, histogram(0), serverWord{})
		if r.Valid != c.valid || len(r.Reasons) == 0 == !c.valid {
			t.Errorf("%d sent, %d skipped: valid %v, want %v; %q", c.sent, c.skipped, r.Valid, c.valid, r.Reasons)
		}
	}
}

func TestAnyFaultFailsTheRun(t *testing.T) {
	for _, f := range client.Faults() {
		o := good("a")
		o.result.Faults[f] = 1
		o.result.Notes = []string{f.String() + ": something was wrong"}
		r := reportOf(1, o)
		if r.OK || exitCode(&r, nil, io.Discard) != exitFailed {
			t.Errorf("a %v fault passed", f)
		}
		if len(r.Reasons) != 1 || !strings.Contains(r.Reasons[0], "something was wrong") || !strings.Contains(r.Reasons[0], "bot") {
			t.Errorf("the reasons for a %v fault are %q", f, r.Reasons)
		}
	}
}

func TestABotThatWasNotLetInFailsTheRun(t *testing.T) {
	r := reportOf(2, good("a"), outcome{joinErr: errors.New("match: 409")})
	if r.OK || r.NotIn != 1 || exitCode(&r, nil, io.Discard) != exitFailed {
		t.Errorf("passed: %+v", r)
	}
}

func TestABotThatNeverGotToJoinFailsTheRun(t *testing.T) {
	if r := reportOf(2, good("a")); r.OK || len(r.Reasons) != 1 {
		t.Errorf("passed: %q", r.Reasons)
	}
}

func TestARunWhoseBotsLaggedIsInvalid(t *testing.T) {
	o := good("a")
	o.result.Lag = histogram(6, 6, 6)
	r := reportOf(1, o)
	if r.Valid || exitCode(&r, nil, io.Discard) != exitInvalid {
		t.Errorf("p99 of %v ms passed", r.LagMS.P99)
	}
	if !strings.Contains(r.text(), "INVALID") {
		t.Errorf("the output does not say so:\n%s", r.text())
	}
	o.result.Faults[client.FaultHash] = 1
	if r := reportOf(1, o); exitCode(&r, nil, io.Discard) != exitFailed {
		t.Error("an invalid run that failed too is not reported as failed")
	}
}

func TestClosesAreListedByCode(t *testing.T) {
	a, b := good("a"), good("a")
	a.result.Closes[4012] = 2
	b.result.Closes[4012] = 1
	b.result.Closes[1006] = 1
	r := reportOf(2, a, b)
	if got := counts(r.Closes); got != "1006: 1, 4012: 3" {
		t.Errorf("closes %q", got)
	}
}

func TestTheJSONReportSaysItsVersion(t *testing.T) {
	r := reportOf(1, good("a"))
	var text strings.Builder
	if err := r.writeJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(text.String()), &back); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"version": 2.0, "server_ticks_skipped": nil, "ok": true, "valid": true, "ticks_due": 200.0} {
		if back[key] != want {
			t.Errorf("%s is %v, want %v", key, back[key], want)
		}
	}
}
