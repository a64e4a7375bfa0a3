package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Limits of a queue.
const (
	maxTeams = 64
	// maxQueueRoles keeps the sets of roles that a team is checked by below 64.
	maxQueueRoles = 6
	maxQueueLife  = 3600 // seconds: a page that waits longer is forgotten
	maxAccept     = 120  // seconds: nobody waits for others longer
)

// Err is every mistake of a queue that stands alone, nil if there are none. Those of a
// game's queues are in the Err of its Definition.
func (q Queue) Err() error {
	var m mistakes
	q.withDefaults().check(&m, "Queue", maxSeats)
	return m.err()
}

// checkQueues reports the mistakes in all queues of a config that has its defaults.
func (c Config) checkQueues(m *mistakes) {
	for i, q := range c.Queues {
		at := fmt.Sprintf("Config.Queues[%d]", i)
		q.check(m, at, c.MaxPlayers)
		if slices.ContainsFunc(c.Queues[:i], func(other Queue) bool { return other.Name == q.Name }) {
			m.add(at+".Name", fmt.Sprintf("a second queue called %q", q.Name), "another name")
		}
	}
}

func (q Queue) check(m *mistakes, at string, seats int) {
	if !validName(q.Name) {
		m.add(at+".Name", fmt.Sprintf("%q is not a name", q.Name), "1 to 64 lower case letters, digits and dashes")
	}
	whole := func(field string, v, high int) {
		if v < 1 || v > high {
			m.add(at+"."+field, fmt.Sprintf("%d is out of range", v), fmt.Sprintf("1 to %d", high))
		}
	}
	whole("Teams", q.Teams, maxTeams)
	whole("TeamSize", q.TeamSize, seats)
	if q.Teams*q.TeamSize > seats && q.TeamSize <= seats {
		m.add(at+".TeamSize", fmt.Sprintf("%d teams of %d do not fit a room of %d", q.Teams, q.TeamSize, seats), "smaller teams, or a larger Config.MaxPlayers")
	}
	if q.TeamSize >= 1 {
		whole("MinTeamSize", q.MinTeamSize, q.TeamSize)
		whole("MaxParty", q.MaxParty, q.TeamSize)
	}
	number := func(field string, v, high float64) {
		if !(v >= 0 && v <= high) {
			m.add(at+"."+field, fmt.Sprintf("%g is out of range", v), fmt.Sprintf("0 to %g seconds", high))
		}
	}
	number("Life", q.Life, maxQueueLife)
	number("FillFor", q.FillFor, maxQueueLife)
	number("Accept", q.Accept, maxAccept)
	q.checkSkill(m, at)
	q.checkRoles(m, at)
	if q.Options != "" && !json.Valid([]byte(q.Options)) {
		m.add(at+".Options", "is not JSON", `an object such as {"teams":true}`)
	}
}

func (q Queue) checkSkill(m *mistakes, at string) {
	for _, w := range []struct {
		field string
		Window
	}{{"Skill", q.Skill}, {"Balance", q.Balance}, {"Latency", q.Latency}} {
		if !(w.Start >= 0) || !(w.Grow >= 0) || math.IsInf(w.Grow, 0) || !(w.Max >= 0) {
			m.add(at+"."+w.field, fmt.Sprintf("%v is no window", w.Window), "numbers of 0 or more")
		} else if w.Max > 0 && w.Max < w.Start {
			m.add(at+"."+w.field, fmt.Sprintf("Max %g is below Start %g", w.Max, w.Start), "a Max above Start, or 0 for none")
		}
	}
	if !isNumber(q.Newcomer.Mu) || !isNumber(q.Newcomer.Sigma) || q.Newcomer.Sigma < 0 {
		m.add(at+".Newcomer", fmt.Sprintf("%v is no skill", q.Newcomer), "a number, and an uncertainty of 0 or more")
	}
	if !isNumber(q.Doubt) {
		m.add(at+".Doubt", fmt.Sprintf("%g is no factor", q.Doubt), "a number such as 0.5")
	}
	if !isNumber(q.Scale) || q.Scale <= 0 {
		m.add(at+".Scale", fmt.Sprintf("%g is no difference in skill", q.Scale), "a number above 0, such as 400")
	}
}

func (q Queue) checkRoles(m *mistakes, at string) {
	if len(q.Roles) == 0 {
		return
	}
	total := 0
	for i, r := range q.Roles {
		if !validName(r.Name) || slices.ContainsFunc(q.Roles[:i], func(other Role) bool { return other.Name == r.Name }) {
			m.add(at+".Roles", fmt.Sprintf("%q is not a name, or used twice", r.Name), "1 to 64 lower case letters, digits and dashes, each once")
		}
		if r.Count < 1 {
			m.add(at+".Roles", fmt.Sprintf("%d players are %q", r.Count, r.Name), "1 or more")
		}
		total += r.Count
	}
	switch {
	case len(q.Roles) > maxQueueRoles:
		m.add(at+".Roles", fmt.Sprintf("%d roles", len(q.Roles)), fmt.Sprintf("at most %d", maxQueueRoles))
	case total != q.TeamSize:
		m.add(at+".Roles", fmt.Sprintf("roles for %d of %d players", total, q.TeamSize), "counts that add up to TeamSize")
	case q.MinTeamSize != q.TeamSize:
		m.add(at+".MinTeamSize", "a smaller team would lack roles", "no MinTeamSize, or no roles")
	}
}

func isNumber(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
