package sim_test

import (
	"fmt"

	"github.com/roomtick/roomtick/sim"
)

var ranked = sim.Queue{
	Name: "ranked", Teams: 2, TeamSize: 5, // parties of up to five, never split
	Roles:  []sim.Role{{Name: "tank", Count: 1}, {Name: "healer", Count: 1}, {Name: "damage", Count: 3}},
	Skill:  sim.Window{Start: 100, Grow: 10, Max: 600}, // of skill, and more each second
	Accept: 15, Backfill: true,
}

func ExampleQueue() {
	q := ranked.WithDefaults()
	fmt.Println(q.Err(), q.MaxParty, q.Skill.At(20), q.Skill.At(99))
	// Output: <nil> 5 300 600
}
