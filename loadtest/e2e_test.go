package main

import (
	"context"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// mayMiss is how many due ticks of a bot may be missing at the end of a run: those on
// their way, on a machine that is busy with other things for a second.
const mayMiss = 20

// fly runs a swarm against a server and prints its report.
func fly(t *testing.T, s settings) (*swarm, report) {
	t.Helper()
	s.game, s.name, s.play, s.thinkEvery = "arena", "bot", client.PlayBrain, 1
	if err := s.check(nil, []*sim.Definition{arena.Game}); err != nil {
		t.Fatal(err)
	}
	flock := newSwarm(s, arena.Game)
	r := flock.run(context.Background())
	t.Logf("\n%s", r.text())
	return flock, r
}

// wantAllCovered checks that every bot received or jumped over every tick that was due.
// The server says how many it gave up.
func wantAllCovered(t *testing.T, server *realServer, flock *swarm) {
	t.Helper()
	skipped := server.metric(t, "roomtick_ticks_skipped_total")
	for i := range flock.results {
		r := &flock.results[i].result
		if r.Covered+skipped+mayMiss < r.Due {
			t.Errorf("%s: %d of %d due ticks, and the server gave up %d", r.Name, r.Covered, r.Due, skipped)
		}
	}
}

// wantHashesAgree checks that the server compared the bots' hashes and found them right.
func wantHashesAgree(t *testing.T, server *realServer, r *report) {
	t.Helper()
	if wrong := server.metric(t, "roomtick_hash_mismatches_total"); wrong != 0 {
		t.Errorf("the server found %d hashes wrong", wrong)
	}
	if checks := server.metric(t, "roomtick_hash_checks_total"); checks == 0 || checks > r.Hashes {
		t.Errorf("the server checked %d of %d hashes", checks, r.Hashes)
	}
}

func TestAHundredBotsMissNothing(t *testing.T) {
	server := startServer(t)
	flock, r := fly(t, settings{url: server.url, bots: 100, rampOver: time.Second, hold: 10 * time.Second})
	if !r.OK || r.Joined != 100 || len(r.Closes) != 0 {
		t.Errorf("%d joined, closes %v, faults %v: %q", r.Joined, r.Closes, r.Faults, r.Reasons)
	}
	if r.Behind != 0 {
		t.Errorf("%d groups were left behind", r.Behind)
	}
	if r.Inputs == 0 || r.Applied == 0 || r.Updates == 0 || r.Agreed == 0 {
		t.Errorf("%d inputs, %d applied, %d updates, %d hashes agreed", r.Inputs, r.Applied, r.Updates, r.Agreed)
	}
	wantAllCovered(t, server, flock)
	wantHashesAgree(t, server, &r)
}

func TestAStalledReaderJumpsWhenItWakesAndHoldsUpNobody(t *testing.T) {
	const stall = 3 * time.Second
	server := startServer(t)
	flock, r := fly(t, settings{
		url: server.url, bots: 20, rampOver: 200 * time.Millisecond, hold: 6 * time.Second,
		stalled: 1, stallFor: stall, cut: 2,
	})
	if !r.OK || r.Resumes != 2 || len(r.Closes) != 0 {
		t.Errorf("%d resumes, closes %v, faults %v: %q", r.Resumes, r.Closes, r.Faults, r.Reasons)
	}
	for i := range flock.results {
		o := &flock.results[i]
		asleep := o.result.Name == "bot 1"
		if asleep && o.counters.Jumped.Load() < 20 {
			t.Errorf("the stalled reader jumped over %d ticks of the 60 it slept through", o.counters.Jumped.Load())
		}
		// The gap of a stalled reader does not count its own sleep.
		if longest := client.Quantile(o.result.Gap, 100); !asleep && longest > stall/2 {
			t.Errorf("%s waited %v for a snapshot while another did not read", o.result.Name, longest)
		}
	}
	wantAllCovered(t, server, flock)
	wantHashesAgree(t, server, &r)
}
