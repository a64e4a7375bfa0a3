package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/roomtick/roomtick/sim/arena"
)

// maxFlights is how often a run is tried on a machine too busy to keep its schedule.
const maxFlights = 3

// fly runs this command against a server of its own, each in its own process, and
// returns the report. A run that proves nothing because the machine was busy with other
// things is tried again.
func fly(t *testing.T, args ...string) (*realServer, report) {
	t.Helper()
	program := build(t, ".")
	for range maxFlights {
		server := startServer(t)
		path := filepath.Join(t.TempDir(), "report.json")
		cmd := exec.Command(program, append([]string{"-url", server.url, "-admin", server.admin, "-json", path}, args...)...)
		out, err := cmd.CombinedOutput()
		t.Logf("%v\n%s", err, out)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		if r.Valid {
			if code := cmd.ProcessState.ExitCode(); code != exitCode(&r, nil, io.Discard) {
				t.Errorf("exit code %d, ok %v", code, r.OK)
			}
			return server, r
		}
	}
	t.Fatalf("the machine was too busy %d times: nothing is proved", maxFlights)
	return nil, report{}
}

// wantAllWell checks that nobody was failed: by the server's word too, every due tick
// came, or was jumped over, but for those at the edges of a conn and those given up.
func wantAllWell(t *testing.T, r *report) {
	t.Helper()
	if !r.OK || r.Short != 0 || len(r.Closes) != 0 {
		t.Errorf("%d joined, %d short of ticks, closes %v, faults %v: %q", r.Joined, r.Short, r.Closes, r.Faults, r.Reasons)
	}
	if r.ServerSkipped == nil || r.ServerMismatches == nil {
		t.Fatal("the server's metrics were not read")
	}
	if *r.ServerMismatches != 0 {
		t.Errorf("the server found %d hashes wrong", *r.ServerMismatches)
	}
}

// wantHashesChecked checks that the server did compare the bots' hashes.
func wantHashesChecked(t *testing.T, server *realServer, r *report) {
	t.Helper()
	if checks := server.metric(t, "roomtick_hash_checks_total"); checks == 0 || checks > r.Hashes {
		t.Errorf("the server checked %d of %d hashes", checks, r.Hashes)
	}
}

func TestAHundredBotsMissNothing(t *testing.T) {
	// Five decisions a second, as people make them, leave the bots time for the rest.
	server, r := fly(t, "-bots", "100", "-ramp-over", "1s", "-hold", "10s", "-think-every", "4")
	wantAllWell(t, &r)
	wantHashesChecked(t, server, &r)
	if r.Joined != 100 {
		t.Errorf("%d joined", r.Joined)
	}
	if r.Behind != 0 {
		t.Errorf("%d groups were left behind", r.Behind)
	}
	if r.Inputs == 0 || r.Applied == 0 || r.Updates == 0 || r.Agreed == 0 {
		t.Errorf("%d inputs, %d applied, %d updates, %d hashes agreed", r.Inputs, r.Applied, r.Updates, r.Agreed)
	}
}

func TestAStalledReaderJumpsWhenItWakesAndHoldsUpNobody(t *testing.T) {
	const stalledTicks = 60 // 3 s at 20 ticks a second
	server, r := fly(t, "-bots", "20", "-ramp-over", "200ms", "-hold", "6s", "-stalled", "1", "-stall-for", "3s", "-cut", "2")
	wantAllWell(t, &r)
	wantHashesChecked(t, server, &r)
	if r.Resumes != 2 {
		t.Errorf("%d resumes, want 2", r.Resumes)
	}
	// The reader jumps over what it slept through; the other 19 over next to nothing.
	if r.Jumped < stalledTicks/3 || r.Jumped > 2*stalledTicks {
		t.Errorf("%d ticks jumped over while one reader slept through %d", r.Jumped, stalledTicks)
	}
	// Had the room waited for the reader, each tick of the stall would have been late,
	// or given up.
	late := server.metric(t, "roomtick_ticks_late_total")
	if late+*r.ServerSkipped > stalledTicks/2 {
		t.Errorf("the room ran %d ticks late and gave up %d while one reader slept through %d", late, *r.ServerSkipped, stalledTicks)
	}
}

// The flights above run without the race detector; this one is for it, and judges no
// timing.
func TestASwarmInThisProcessHasNoFaults(t *testing.T) {
	server := startServer(t)
	s := settings{
		url: server.url, admin: server.admin, game: "arena", name: "bot", thinkEvery: 1, seed: 1,
		bots: 5, hold: 2 * time.Second, stalled: 1, stallFor: 500 * time.Millisecond, cut: 1,
	}
	if err := s.check(nil, registered); err != nil {
		t.Fatal(err)
	}
	r := newSwarm(s, arena.Game).run(t.Context())
	if r.Joined != 5 || r.Inputs == 0 || r.Resumes != 1 || counts(r.Faults) != "none" {
		t.Errorf("not well:\n%s", r.text())
	}
}
