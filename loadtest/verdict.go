package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

const (
	// maxLag is how late the bots' own sends may be at p99. Beyond it the machine
	// that ran the bots was too busy, and what they measured is its own doing.
	maxLag = 5 * time.Millisecond

	// maxSkipped is the share of inputs that bots may leave out. Beyond it the server
	// did not have the load that the report claims.
	maxSkipped = 0.01

	// edgeTicks is how many due ticks a conn may miss: the one in flight when the bot
	// leaves, and the one that a first snapshot late by a fraction of a tick makes due
	// too early.
	edgeTicks = 2

	// maxReasons bounds the faults told in words.
	maxReasons = 8
)

// allowed is how many due ticks a bot may miss: those at the edges of its conns, and
// those that the server says it gave up.
func (r *report) allowed(conns int64) int64 {
	if r.ServerSkipped == nil {
		return edgeTicks * conns
	}
	return edgeTicks*conns + *r.ServerSkipped
}

// missing books the due ticks that a bot neither received nor jumped over.
func (r *report) missing(res *client.Result, conns int64) {
	missing, allowed := res.Due-res.Covered, r.allowed(conns)
	r.Missing += missing
	r.Edge += edgeTicks * conns
	if missing > allowed {
		r.Short++
		r.because("%s: %d of %d due ticks never came, allowed are %d", res.Name, missing, res.Due, allowed)
	}
}

// hear takes the server's word.
func (r *report) hear(w serverWord) {
	if w.err != nil {
		r.deaf = true
		r.because("%v", w.err)
	}
	if !w.known {
		return
	}
	r.ServerSkipped, r.ServerMismatches = &w.skipped, &w.mismatches
	if w.mismatches > 0 {
		r.because("the server found %d hashes wrong", w.mismatches)
	}
}

// judge gives the verdict.
func (r *report) judge() {
	if missing := r.Bots - r.Joined - r.NotIn; missing > 0 {
		r.because("%d bots never got to join: the run ended first", missing)
	}
	faults := int64(0)
	for _, n := range r.Faults {
		faults += n
	}
	mismatched := r.ServerMismatches != nil && *r.ServerMismatches > 0
	r.OK = faults == 0 && r.Joined == r.Bots && r.Short == 0 && !mismatched && !r.deaf
	doubts := r.doubts()
	r.Valid = len(doubts) == 0
	r.Reasons = slices.Insert(r.Reasons, 0, doubts...)
}

// doubts says why the run proves nothing, whatever it shows.
func (r *report) doubts() []string {
	var all []string
	if r.LagMS.P99 > float64(maxLag.Milliseconds()) {
		all = append(all, fmt.Sprintf(
			"the bots were %.1f ms behind their own schedule at p99: run fewer of them, or on another machine", r.LagMS.P99))
	}
	if share := ratio(float64(r.Skipped), float64(r.Inputs+r.Skipped)); share > maxSkipped {
		all = append(all, fmt.Sprintf(
			"the bots left out %.1f %% of their inputs: run fewer of them, or on another machine", 100*share))
	}
	if plays := r.Play == client.PlayBrain || r.Play == client.PlayWander; plays && r.Joined > 0 && r.Inputs == 0 {
		all = append(all, "the bots sent no input at all")
	}
	return all
}
