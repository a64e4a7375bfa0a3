// Package queue is the matcher: who of those who wait in a queue play together. It is a
// pure function of tickets, rules and a time, without I/O and without a clock; the same
// arguments give the same matches, in whatever order the tickets come.
//
// A round looks at every ticket, the oldest first, as the anchor of a match: it walks from
// the anchor's skill outwards through those who wait in a region that is near enough, and
// fills the teams with who fits all others. Nobody who waits longer is passed over for
// want of a turn.
//
// Every anchor has the same share of a round's work. Where that suffices, as it does for
// some dozens of tickets, a round leaves no match behind: no legal match can be
// made of the tickets that still wait, if quality is asked of the most balanced teams
// only. Beyond, a match that needs a longer search than the share may be missed, and the
// tickets are anchors again in the next round.
package queue

import (
	"github.com/roomtick/roomtick/sim"
)

const (
	// roundWork is how many steps all anchors of a round have at least, in equal shares. A
	// step takes some ten nanoseconds: hopeless tickets may cost a per cent of a core.
	roundWork = 1_000_000
	// leastShare is what an anchor may take in any case, beside what walking past the
	// players of a match takes: a round of 100,000 tickets has to end in 200 ms.
	leastShare = 64
	// balanceSteps finds the most even of all 5 against 5.
	balanceSteps = 700
	// askSteps is how many steps it takes to ask a queue's own rules about two tickets.
	askSteps = 10
	// evenEnough, in parts of Queue.Scale, is no difference that anybody would notice.
	evenEnough = 0.005
)

// Input is what a round is made of. The matcher changes nothing of it.
type Input struct {
	Tickets   []*sim.Ticket
	Backfills []*Backfill

	// Regions are those that can take a match, in order of preference for who is near to
	// all; the first 31 count. nil: every region that a ticket names; empty: none, only
	// backfills are served, which are in any region.
	Regions []string
}

// Backfill is a running room that lost players.
type Backfill struct {
	Room   string
	Region string
	Since  float64     // when it asked, on the clock of the tickets
	There  *sim.Ticket // who plays on, as if they were one party; nil if nobody does
	Teams  []Opening   // by team
}

// Opening is what a team lacks.
type Opening struct {
	Seats int
	Roles []string // of the seats, if the queue has roles
}

// Made is a match with what becomes of everybody.
type Made struct {
	sim.Match
	Roles    [][]string // by team, of its tickets' members in their order; nil without roles
	Fairness float64    // Queue.Fairness
	Quality  float64    // of the queue's rules, or twice the fairness
}

// Fill is who joins a room that lost players.
type Fill struct {
	*Backfill
	Placed []Placement
}

// Placement is the team that a ticket joins.
type Placement struct {
	Ticket *sim.Ticket
	Team   int
	Roles  []string // of its members; nil without roles
}

// Result is a round's outcome. No ticket is in it twice.
type Result struct {
	Matches []Made // in the order of their oldest unmatched ticket
	Fills   []Fill
	Steps   int // that the search took
}

// Match makes one round of matches at a time on the tickets' clock, in seconds. q has its
// defaults. Rooms that lost players are served before new matches.
func Match(q *sim.Queue, in Input, now float64) Result {
	p := newPool(q, in, now)
	s := newSearch(p, len(in.Tickets))
	var r Result
	for _, b := range oldestFirst(in.Backfills) {
		if placed := s.backfill(b); len(placed) > 0 {
			r.Fills = append(r.Fills, Fill{Backfill: b, Placed: placed})
		}
	}
	r.Matches = make([]Made, 0, p.players/(q.Teams*q.MinTeamSize))
	for _, anchor := range p.anchors {
		if p.used[anchor] {
			continue
		}
		if made, ok := s.anchored(anchor); ok {
			r.Matches = append(r.Matches, made)
		}
	}
	r.Steps = s.taken
	return r
}
