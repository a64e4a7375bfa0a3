package sim

import "math"

// Queue declares how players who wait are put into matches of a game. What is left out
// has a default that suits skills like Elo's; so Queue{Name: "duel", Teams: 2, TeamSize: 1}
// is a whole declaration. `roomtick matchsim` shows what it does to a crowd.
type Queue struct {
	Name     string // as clients name it; lower case letters, digits and dashes
	Teams    int    // 0 is 1: everybody for themselves
	TeamSize int    // players of a full team

	// MinTeamSize, 0 is TeamSize, is what a match may start with once its oldest ticket has
	// waited FillFor seconds. The teams of a match are of one size in any case.
	MinTeamSize int
	FillFor     float64

	MaxParty int    // players who may queue together; 0 is TeamSize
	Roles    []Role // of each team, TeamSize in all; empty: nobody has one

	// Skill is how far another ticket's skill may be off, by how long a ticket has waited:
	// 0 is 100, and 10 more each second. In a match every ticket is within the window of
	// every other. Start: math.Inf(1) takes anybody.
	Skill Window
	// Doubt widens a ticket's own window by so many of its uncertainties (Sigma), so that a
	// newcomer meets who is there: 0 is 0.5, less than 0 none.
	Doubt float64
	// Newcomer is the skill of whom nothing is known; 0 is 1500, 350 uncertain.
	Newcomer Skill
	// Scale is the difference in skill with which one wins ten of eleven times; 0 is 400.
	Scale float64
	// Balance is how far the mean skills of two teams of a match may be apart, by how long
	// its oldest ticket has waited; 0: as near as can be, whatever it is.
	Balance Window
	// Latency is how many milliseconds away a region may be: 0 is 80, and 5 more each
	// second. A player's nearest one is always near enough.
	Latency Window

	Life float64 // seconds until a ticket expires; 0 is 600
	// Accept is in how many seconds everybody has to accept a match; 0: nobody is asked. Who
	// is given to a room by Backfill is not: nobody else waits for the answer.
	Accept   float64
	Backfill bool // rooms of this queue that lost players are given others

	Options string     // JSON for Create of the rooms of this queue; may be empty
	Rules   QueueRules // what numbers cannot say; may be nil
}

// Role is what some players of a team are.
type Role struct {
	Name  string // lower case letters, digits and dashes
	Count int    // of a team
}

// Window is a limit that widens while a ticket waits: Start, and Grow more each second, up
// to Max if that is not 0.
type Window struct{ Start, Grow, Max float64 }

// At is the limit after some seconds.
func (w Window) At(waited float64) float64 {
	limit := w.Start + w.Grow*max(waited, 0)
	if w.Max > 0 {
		limit = min(limit, w.Max)
	}
	return limit
}

func (q Queue) withDefaults() Queue {
	set := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
	}
	if q.Teams == 0 {
		q.Teams = 1
	}
	if q.MinTeamSize == 0 {
		q.MinTeamSize = q.TeamSize
	}
	if q.MaxParty == 0 {
		q.MaxParty = q.TeamSize
	}
	if q.Skill == (Window{}) {
		q.Skill = Window{Start: 100, Grow: 10}
	}
	if q.Latency == (Window{}) {
		q.Latency = Window{Start: 80, Grow: 5}
	}
	if q.Newcomer == (Skill{}) {
		q.Newcomer = Skill{Mu: 1500, Sigma: 350}
	}
	if q.Balance == (Window{}) {
		q.Balance = Window{Start: math.Inf(1)}
	}
	set(&q.Doubt, 0.5)
	set(&q.Scale, 400)
	set(&q.Life, 600)
	return q
}

// WithDefaults is the queue with everything said that was left out.
func (q Queue) WithDefaults() Queue { return q.withDefaults() }
