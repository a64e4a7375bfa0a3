package sim

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func queuesOf(queues ...Queue) *Definition {
	return Define[tableOf[struct {
		X uint8 `sync:""`
	}]](Config{Name: "x", MaxPlayers: 10, Queues: queues})
}

func TestQueueMistakesAreReportedAllAtOnce(t *testing.T) {
	wantMistakes(t, queuesOf(
		Queue{Name: "duel", Teams: 2, TeamSize: 1},
		Queue{Name: "duel", Teams: 2, TeamSize: 6},
		Queue{Name: "Big One", Teams: 65, TeamSize: 0},
		Queue{
			Name: "wrong", TeamSize: 3, MinTeamSize: 4, MaxParty: 9, FillFor: -1, Life: 4000, Accept: math.NaN(),
			Skill: Window{Start: 200, Max: 100}, Balance: Window{Grow: -1}, Latency: Window{Start: math.NaN()},
			Newcomer: Skill{Sigma: -1}, Doubt: math.Inf(1), Scale: -400, Options: "{",
		},
		Queue{Name: "roles", TeamSize: 5, Roles: []Role{{"tank", 1}, {"tank", 0}, {"DPS", 2}}},
		Queue{Name: "small", TeamSize: 2, MinTeamSize: 1, Roles: []Role{{"tank", 1}, {"healer", 1}}},
		Queue{Name: "seven", TeamSize: 7, Roles: []Role{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1}}},
	).Err(),
		`Config.Queues[1].TeamSize: 2 teams of 6 do not fit a room of 10; use smaller teams, or a larger Config.MaxPlayers`,
		`Config.Queues[1].Name: a second queue called "duel"; use another name`,
		`Config.Queues[2].Name: "Big One" is not a name; use 1 to 64 lower case letters, digits and dashes`,
		`Config.Queues[2].Teams: 65 is out of range; use 1 to 64`,
		`Config.Queues[2].TeamSize: 0 is out of range; use 1 to 10`,
		`Config.Queues[3].MinTeamSize: 4 is out of range; use 1 to 3`,
		`Config.Queues[3].MaxParty: 9 is out of range; use 1 to 3`,
		`Config.Queues[3].Life: 4000 is out of range; use 0 to 3600 seconds`,
		`Config.Queues[3].FillFor: -1 is out of range; use 0 to 3600 seconds`,
		`Config.Queues[3].Accept: NaN is out of range; use 0 to 120 seconds`,
		`Config.Queues[3].Skill: Max 100 is below Start 200; use a Max above Start, or 0 for none`,
		`Config.Queues[3].Balance: {0 -1 0} is no window; use numbers of 0 or more`,
		`Config.Queues[3].Latency: {NaN 0 0} is no window; use numbers of 0 or more`,
		`Config.Queues[3].Newcomer: {0 -1} is no skill; use a number, and an uncertainty of 0 or more`,
		`Config.Queues[3].Doubt: +Inf is no factor; use a number such as 0.5`,
		`Config.Queues[3].Scale: -400 is no difference in skill; use a number above 0, such as 400`,
		`Config.Queues[3].Options: is not JSON; use an object such as {"teams":true}`,
		`Config.Queues[4].Roles: "tank" is not a name, or used twice; use 1 to 64 lower case letters, digits and dashes, each once`,
		`Config.Queues[4].Roles: 0 players are "tank"; use 1 or more`,
		`Config.Queues[4].Roles: "DPS" is not a name, or used twice; use 1 to 64 lower case letters, digits and dashes, each once`,
		`Config.Queues[4].Roles: roles for 3 of 5 players; use counts that add up to TeamSize`,
		`Config.Queues[5].MinTeamSize: a smaller team would lack roles; use no MinTeamSize, or no roles`,
		`Config.Queues[6].Roles: 7 roles; use at most 6`,
	)
}

func TestQueueFillsInWhatIsLeftOutAndLeavesTheConfigAlone(t *testing.T) {
	given := []Queue{{Name: "duel", Teams: 2, TeamSize: 1}}
	d := queuesOf(given...)
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	want := Queue{
		Name: "duel", Teams: 2, TeamSize: 1, MinTeamSize: 1, MaxParty: 1,
		Skill: Window{Start: 100, Grow: 10}, Doubt: 0.5, Newcomer: Skill{Mu: 1500, Sigma: 350}, Scale: 400,
		Balance: Window{Start: math.Inf(1)}, Latency: Window{Start: 80, Grow: 5}, Life: 600,
	}
	if diff := cmp.Diff(want, d.Config().Queues[0]); diff != "" {
		t.Error(diff)
	}
	if given[0].Life != 0 {
		t.Error("the author's slice was changed")
	}
}

func TestWindowWidensUpToItsMax(t *testing.T) {
	w := Window{Start: 100, Grow: 10, Max: 250}
	for waited, want := range map[float64]float64{-5: 100, 0: 100, 3: 130, 15: 250, 99: 250} {
		if got := w.At(waited); got != want {
			t.Errorf("after %v s the window is %v; want %v", waited, got, want)
		}
	}
}

func player(mu, sigma float64) Entrant { return Entrant{Skill: Skill{mu, sigma}} }

func TestFairnessIsEloOfTheMeansAndLessForTheUnknown(t *testing.T) {
	q := Queue{Name: "x", TeamSize: 2}.WithDefaults()
	solo := func(mu, sigma float64) *Ticket { return &Ticket{Members: []Entrant{player(mu, sigma)}} }
	pair := &Ticket{Members: []Entrant{player(1400, 0), player(1600, 0)}}
	for _, row := range []struct {
		name  string
		teams [][]*Ticket
		want  float64
	}{
		{"equal", [][]*Ticket{{solo(1500, 0)}, {solo(1500, 0)}}, 0.5},
		{"ten of eleven", [][]*Ticket{{solo(1700, 0)}, {solo(1300, 0)}}, 1. / 11},
		{"a party is its mean", [][]*Ticket{{pair}, {solo(1500, 0), solo(1500, 0)}}, 0.5},
		{"as far apart as not known: the root of 240² + 320²", [][]*Ticket{{solo(1500, 240)}, {solo(1500, 320)}}, 1. / 11},
		{"everybody for themselves", [][]*Ticket{{solo(1700, 0), solo(1500, 0), solo(1300, 0)}}, 1. / 11},
		{"alone", [][]*Ticket{{solo(1700, 0)}}, 0.5},
	} {
		if got := q.Fairness(&Match{Teams: row.teams}); math.Abs(got-row.want) > 1e-12 {
			t.Errorf("%s: %v; want %v", row.name, got, row.want)
		}
	}
}
