package main

import (
	"context"
	"encoding/json"
	"net"
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
	code, _, stderr := command("-url", "nowhere", "-bots", "0", "-stalled", "3", "-think-every", "0", "-hold", "0s", "extra")
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	for _, want := range []string{"url", "-bots", "-stalled", "-think-every", "-hold", "extra"} {
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
