package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

var registered = []*sim.Definition{arena.Game}

func command(args ...string) (code int, stdout, stderr string) {
	var out, problems strings.Builder
	code = run(context.Background(), args, registered, &out, &problems)
	return code, out.String(), problems.String()
}

func TestEveryWrongFlagIsReportedAtOnce(t *testing.T) {
	code, _, stderr := command("-url", "nowhere", "-admin", "nowhere", "-bots", "0", "-stalled", "3", "-think-every", "0", "-hold", "0s", "extra")
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	for _, want := range []string{"url", "-admin", "-bots", "-stalled", "-think-every", "-hold", "extra"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("nothing about %s in %q", want, stderr)
		}
	}
}

func TestAnUnknownFlagIsAUsageError(t *testing.T) {
	if code, _, _ := command("-swarm", "3"); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
}

func TestBotsOfAGameWithoutABrainWander(t *testing.T) {
	var problems strings.Builder
	s, err := parse([]string{"-game", "chess"}, registered, &problems)
	if err != nil || s.play != client.PlayWander {
		t.Errorf("play %q, %v", s.play, err)
	}
	s, err = parse(nil, registered, &problems)
	if err != nil || s.play != client.PlayBrain {
		t.Errorf("arena: play %q, %v", s.play, err)
	}
	if _, err = parse([]string{"-game", "chess", "-play", "brain"}, registered, &problems); err == nil {
		t.Error("a brain that is not there was accepted")
	}
}

// closedPort is the URL of a server that is not there.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

func TestARunWithoutAServerFailsAndSaysWhy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.json")
	code, stdout, _ := command("-url", closedPort(t), "-bots", "3", "-hold", "100ms", "-ramp-over", "0s", "-json", path)
	if code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if !strings.Contains(stdout, "FAILED") || !strings.Contains(stdout, "refused") {
		t.Errorf("output:\n%s", stdout)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil || r.NotIn != 3 || r.OK || r.Version != reportVersion {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestTheProgressLineSaysWhatHappenedSinceTheLast(t *testing.T) {
	s := newSwarm(settings{}, arena.Game)
	s.start = time.Unix(1000, 0)
	s.waiting = 2
	s.results = []outcome{{joinErr: os.ErrDeadlineExceeded}}
	b := &client.Bot{}
	s.bots = []*client.Bot{b}
	p := progress{swarm: s, format: "%s\n"}
	var text strings.Builder
	b.Counters.Received.Store(20)
	p.line(&text, s.start.Add(time.Second))
	b.Counters.Received.Store(30)
	p.line(&text, s.start.Add(2*time.Second))
	for _, want := range []string{"1s  1 playing, 2 joining, 1 not let in, 0 faults, 20 snapshots/s", "2s  1 playing, 2 joining, 1 not let in, 0 faults, 10 snapshots/s"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in %q", want, text.String())
		}
	}
}

func TestAServersWordIsTheDifferenceOverTheRun(t *testing.T) {
	skipped := 3
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintf(w, "# HELP\n%s %d\n%s_more 9\n%s 2\n", metricSkipped, skipped, metricMismatches, metricMismatches)
	})
	server := httptest.NewServer(page)
	defer server.Close()
	before := ask(t.Context(), server.Client(), server.URL+"/")
	skipped = 10
	word := ask(t.Context(), server.Client(), server.URL).since(before)
	if word != (serverWord{known: true, skipped: 7}) {
		t.Errorf("word %+v", word)
	}
	if word := ask(t.Context(), server.Client(), ""); word != (serverWord{}) {
		t.Errorf("nobody was asked, and said %+v", word)
	}
	if word := ask(t.Context(), server.Client(), server.URL+"/elsewhere").since(before); word.known || word.err == nil {
		t.Errorf("a page that is not there said %+v", word)
	}
}

func TestAFrozenProbeRecordsWhatItMissed(t *testing.T) {
	lag, at := client.NewHistogram(), time.Unix(1000, 0)
	for range 80 {
		at = wake(lag, at, at).Add(probeEvery)
	}
	next := wake(lag, at, at.Add(205*time.Millisecond)).Add(probeEvery)
	if late := at.Add(205 * time.Millisecond).Sub(next); late != 5*time.Millisecond {
		t.Errorf("the next waking was due %v ago, want 5ms", late)
	}
	if got := client.Quantile(lag, 99); lag.TotalCount() != 100 || got < 100*time.Millisecond {
		t.Errorf("asleep for 20 of 100 probes: p99 of %d is %v", lag.TotalCount(), got)
	}
}
