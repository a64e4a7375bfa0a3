package queue

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/roomtick/roomtick/sim"
)

// sameMap lets tickets meet whose first members chose one map.
type sameMap struct{}

func (sameMap) Fits(a, b *sim.Ticket) bool {
	return a.Members[0].Properties["map"] == b.Members[0].Properties["map"]
}

// Quality refuses matches whose tickets are all new.
func (sameMap) Quality(_ *sim.Queue, m *sim.Match) float64 {
	for _, team := range m.Teams {
		for _, t := range team {
			if m.Now-t.Since >= 5 {
				return 1
			}
		}
	}
	return 0
}

var regionNames = []string{"asia", "eu", "us"}

// drawQueue draws rules under which a handful of tickets may or may not match.
func drawQueue(t *rapid.T) *sim.Queue {
	q := sim.Queue{
		Name: "q", Teams: rapid.IntRange(1, 3).Draw(t, "teams"), TeamSize: rapid.IntRange(1, 3).Draw(t, "size"),
		Skill:   sim.Window{Start: float64(rapid.IntRange(1, 60).Draw(t, "window")), Grow: float64(rapid.IntRange(0, 5).Draw(t, "grow"))},
		Latency: sim.Window{Start: 50, Grow: 3},
	}
	if q.Teams*q.TeamSize == 1 {
		q.Teams = 2
	}
	if q.TeamSize == 3 && rapid.Bool().Draw(t, "roles") {
		q.Roles = []sim.Role{{Name: "tank", Count: 1}, {Name: "dps", Count: 2}}
	} else if rapid.Bool().Draw(t, "partial") {
		q.MinTeamSize, q.FillFor = rapid.IntRange(1, q.TeamSize).Draw(t, "min"), 8
	}
	if rapid.Bool().Draw(t, "even") {
		q.Balance = sim.Window{Start: float64(rapid.IntRange(0, 30).Draw(t, "balance")), Grow: 1}
	}
	if rapid.Bool().Draw(t, "hook") {
		q.Rules = sameMap{}
	}
	q = q.WithDefaults()
	if err := q.Err(); err != nil {
		t.Fatal(err)
	}
	return &q
}

func drawTicket(t *rapid.T, q *sim.Queue, id int) *sim.Ticket {
	ticket := &sim.Ticket{ID: fmt.Sprint("t", id), Since: float64(rapid.IntRange(0, 12).Draw(t, "since"))}
	for m := range rapid.IntRange(1, q.MaxParty).Draw(t, "party") {
		e := sim.Entrant{
			Player:     fmt.Sprint("p", id, "-", m),
			Skill:      sim.Skill{Mu: float64(rapid.IntRange(0, 200).Draw(t, "mu")), Sigma: float64(rapid.IntRange(0, 40).Draw(t, "sigma"))},
			Properties: map[string]any{"map": rapid.IntRange(0, 1).Draw(t, "map")},
		}
		e.Roles = rapid.SampledFrom([][]string{nil, {"tank"}, {"dps"}, {"dps", "tank"}}).Draw(t, "roles")
		if rapid.IntRange(0, 4).Draw(t, "avoids") == 0 {
			e.Avoid = []string{fmt.Sprint("p", rapid.IntRange(0, 6).Draw(t, "who"), "-0")}
		}
		if rapid.Bool().Draw(t, "measured") {
			e.Latencies = make(map[string]float64)
			for _, r := range regionNames {
				e.Latencies[r] = float64(rapid.IntRange(1, 120).Draw(t, r))
			}
		}
		ticket.Members = append(ticket.Members, e)
	}
	return ticket
}

// The matcher against a twin that tries everything: what it makes is legal, and what it
// leaves behind gives no match.
func TestRoundMakesLegalMatchesAndLeavesNoneBehind(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		q := drawQueue(t)
		const now = 14.0
		var tickets []*sim.Ticket
		for i := range rapid.IntRange(0, 7).Draw(t, "tickets") {
			tickets = append(tickets, drawTicket(t, q, i))
		}
		r := Match(q, Input{Tickets: tickets, Regions: regionNames}, now)
		left := slices.Clone(tickets)
		for _, m := range r.Matches {
			found++
			if err := illegal(q, &m.Match); err != nil {
				t.Errorf("illegal match: %v", err)
			}
			checkRoles(t, q, &m)
			checkFairness(t, q, &m)
			for _, team := range m.Teams {
				for _, ticket := range team {
					i := slices.Index(left, ticket)
					if i < 0 {
						t.Fatalf("%s was matched twice", ticket.ID)
					}
					left = slices.Delete(left, i, i+1)
				}
			}
		}
		if m := anyMatch(q, left, regionNames, now); m != nil {
			t.Errorf("a match was left behind: %+v", m)
		}
	})
	if found == 0 {
		t.Error("no drawn case had a match")
	}
}

// checkRoles fails unless every member has a role of theirs and none is there too often.
func checkRoles(t interface{ Errorf(string, ...any) }, q *sim.Queue, m *Made) {
	if len(q.Roles) == 0 {
		return
	}
	for i, team := range m.Teams {
		members := players(team...)
		counts := make(map[string]int)
		for j, name := range m.Roles[i] {
			counts[name]++
			if !accepts(members[j], name) {
				t.Errorf("%s was made %q", members[j].Player, name)
			}
		}
		for _, r := range q.Roles {
			if counts[r.Name] != r.Count {
				t.Errorf("%d are %s", counts[r.Name], r.Name)
			}
		}
	}
}

// checkFairness fails unless the fairness is that which Queue.Fairness finds.
func checkFairness(t interface{ Errorf(string, ...any) }, q *sim.Queue, m *Made) {
	if want := q.Fairness(&m.Match); math.Abs(m.Fairness-want) > 1e-12 {
		t.Errorf("fairness %v; want %v", m.Fairness, want)
	}
}

func TestMatchesDoNotDependOnTheOrderOfTickets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQueue(t)
		var tickets []*sim.Ticket
		for i := range rapid.IntRange(2, 30).Draw(t, "tickets") {
			tickets = append(tickets, drawTicket(t, q, i))
		}
		first := Match(q, Input{Tickets: tickets}, 14)
		again := Match(q, Input{Tickets: rapid.Permutation(tickets).Draw(t, "order")}, 14)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Error(diff)
		}
	})
}

// solo is a ticket of one player.
func solo(id string, since, mu float64, roles ...string) *sim.Ticket {
	return &sim.Ticket{ID: id, Since: since, Members: []sim.Entrant{{Player: id, Skill: sim.Skill{Mu: mu}, Roles: roles}}}
}

func party(id string, since float64, mus ...float64) *sim.Ticket {
	t := &sim.Ticket{ID: id, Since: since}
	for i, mu := range mus {
		t.Members = append(t.Members, sim.Entrant{Player: fmt.Sprint(id, i), Skill: sim.Skill{Mu: mu}})
	}
	return t
}

// teamsOf writes a match as its tickets' ids, by team.
func teamsOf(m Made) string {
	text := ""
	for _, team := range m.Teams {
		var ids []string
		for _, t := range team {
			ids = append(ids, t.ID)
		}
		slices.Sort(ids)
		text += fmt.Sprint(ids)
	}
	return text
}

func matched(q sim.Queue, now float64, tickets ...*sim.Ticket) []string {
	q = q.WithDefaults()
	var all []string
	for _, m := range Match(&q, Input{Tickets: tickets}, now).Matches {
		all = append(all, teamsOf(m))
	}
	return all
}

func TestTheOldestIsMatchedFirstAndWithTheNearest(t *testing.T) {
	q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1}
	got := matched(q, 10, solo("new", 9, 1500), solo("old", 1, 1530), solo("near", 5, 1540), solo("far", 2, 1500))
	if diff := cmp.Diff([]string{"[old][near]", "[far][new]"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPartiesOfTwoAndThreeFillATeamOfFive(t *testing.T) {
	q := sim.Queue{Name: "ranked", Teams: 2, TeamSize: 5}
	got := matched(q, 1, party("a", 0, 1500, 1500), party("b", 0, 1500, 1500, 1500), party("c", 0, 1500, 1500, 1500, 1500), solo("d", 0, 1500))
	if diff := cmp.Diff([]string{"[a b][c d]"}, got); diff != "" {
		t.Error(diff)
	}
	if got := matched(q, 1, party("a", 0, 1500, 1500, 1500), party("b", 0, 1500, 1500, 1500), party("c", 0, 1500, 1500, 1500, 1500)); got != nil {
		t.Errorf("3 + 3 + 4 are no two fives: %v", got)
	}
}

func TestTeamsAreAsEvenAsTheyCanBe(t *testing.T) {
	q := sim.Queue{Name: "pairs", Teams: 2, TeamSize: 2, Skill: sim.Window{Start: 1000}}
	got := matched(q, 1, solo("a", 0, 1900), solo("b", 0, 1600), solo("c", 0, 1400), solo("d", 0, 1100))
	if diff := cmp.Diff([]string{"[a d][b c]"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWindowsOfAllMustHoldAndWidenWithTime(t *testing.T) {
	q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1, Skill: sim.Window{Start: 100, Grow: 10, Max: 300}}
	old, fresh := solo("old", 0, 1500), solo("fresh", 20, 1700)
	if got := matched(q, 20, old, fresh); got != nil {
		t.Errorf("the newer one's window of 100 does not reach: %v", got)
	}
	if got := matched(q, 30, old, fresh); len(got) != 1 {
		t.Error("both windows reach after ten more seconds")
	}
	if got := matched(q, 1000, old, solo("x", 20, 1801)); got != nil {
		t.Errorf("beyond Max: %v", got)
	}
}

func TestSmallerTeamsStartOnceTheOldestHasWaited(t *testing.T) {
	q := sim.Queue{Name: "ffa", TeamSize: 8, MinTeamSize: 2, FillFor: 10}
	tickets := []*sim.Ticket{solo("a", 0, 1500), solo("b", 9, 1500), solo("c", 9, 1500)}
	if got := matched(q, 9.5, tickets...); got != nil {
		t.Errorf("after 9.5 s: %v", got)
	}
	if diff := cmp.Diff([]string{"[a b c]"}, matched(q, 10, tickets...)); diff != "" {
		t.Error(diff)
	}
}

func TestTheRegionIsTheNearestInWhichAMatchIs(t *testing.T) {
	q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1}.WithDefaults()
	at := func(id string, eu, us float64) *sim.Ticket {
		s := solo(id, 0, 1500)
		s.Members[0].Latencies = map[string]float64{"eu": eu, "us": us}
		return s
	}
	round := func(now float64, tickets ...*sim.Ticket) string {
		r := Match(&q, Input{Tickets: tickets}, now)
		if len(r.Matches) == 0 {
			return ""
		}
		return r.Matches[0].Region
	}
	if got := round(1, at("a", 30, 70), at("b", 60, 20)); got != "eu" {
		t.Errorf("both reach both, a waits as long and comes first: %q", got)
	}
	if got := round(1, at("a", 30, 170), at("b", 160, 20)); got != "" {
		t.Errorf("an ocean apart: %q", got)
	}
	if got := round(20, at("a", 30, 170), at("b", 160, 20)); got != "eu" {
		t.Errorf("after 20 s 180 ms are near enough: %q", got)
	}
	if got := round(1, at("a", 300, 400), at("b", 310, 500)); got != "eu" {
		t.Errorf("who is far from all plays in the nearest: %q", got)
	}
}

func TestRolesGoToWhoAcceptsThemTheDearestFirst(t *testing.T) {
	q := sim.Queue{Name: "trio", TeamSize: 3, Roles: []sim.Role{{Name: "tank", Count: 1}, {Name: "heal", Count: 1}, {Name: "dps", Count: 1}}}.WithDefaults()
	tickets := []*sim.Ticket{solo("a", 0, 1500, "dps", "tank"), solo("b", 1, 1500, "dps"), solo("c", 2, 1500), solo("d", 3, 1500, "dps")}
	r := Match(&q, Input{Tickets: tickets}, 5)
	if len(r.Matches) != 1 {
		t.Fatalf("%d matches", len(r.Matches))
	}
	got := make(map[string]string)
	for i, e := range players(r.Matches[0].Teams[0]...) {
		got[e.Player] = r.Matches[0].Roles[0][i]
	}
	if diff := cmp.Diff(map[string]string{"a": "tank", "b": "dps", "c": "heal"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFairnessIsTwiceTheQualityUnlessTheRulesSayOtherwise(t *testing.T) {
	q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1}.WithDefaults()
	r := Match(&q, Input{Tickets: []*sim.Ticket{solo("a", 0, 1500), solo("b", 0, 1540)}}, 1)
	if m := r.Matches[0]; m.Quality != 2*m.Fairness || math.Abs(m.Fairness-0.4427) > 1e-4 {
		t.Errorf("fairness %v, quality %v", m.Fairness, m.Quality)
	}
}

// onlyIn refuses matches in all regions but one.
type onlyIn string

func (onlyIn) Fits(_, _ *sim.Ticket) bool { return true }

func (r onlyIn) Quality(_ *sim.Queue, m *sim.Match) float64 {
	if m.Region == string(r) {
		return 1
	}
	return 0
}

func TestTheRulesAreAskedAboutTheRegionOfTheMatch(t *testing.T) {
	for i, region := range regionNames {
		q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1, Rules: onlyIn(region)}.WithDefaults()
		r := Match(&q, Input{Tickets: []*sim.Ticket{solo("a", 0, 1500), solo("b", 0, 1500)}, Regions: regionNames[:i+1]}, 1)
		if len(r.Matches) != 1 || r.Matches[0].Region != region {
			t.Errorf("%+v; want one match in %s", r.Matches, region)
		}
	}
}

// players is the members of tickets in their order.
func players(tickets ...*sim.Ticket) []*sim.Entrant {
	var list []*sim.Entrant
	for _, t := range tickets {
		for i := range t.Members {
			list = append(list, &t.Members[i])
		}
	}
	return list
}
