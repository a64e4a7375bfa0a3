package swarm

import (
	"context"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// scripts are scenarios of a game's author, good and bad.
func scripts() Options {
	return Options{Games: []*sim.Definition{arena.Game}, Scenarios: map[string]client.Scenario{
		"crash": func(ctx context.Context, b *client.Bot) error {
			var nowhere []int
			return b.Look(ctx, func(*client.State) { nowhere[7]++ })
		},
		"typo": func(ctx context.Context, b *client.Bot) error {
			return b.Look(ctx, func(s *client.State) { s.Each("ship", func(client.Entity) {}) })
		},
		"own": func(ctx context.Context, b *client.Bot) error {
			for {
				err := b.Look(ctx, func(s *client.State) {
					mine := 0
					s.Each("ships", func(e client.Entity) {
						if e.Mine() {
							mine++
						}
					})
					if mine != 1 {
						panic("a player has one ship")
					}
				})
				if err != nil {
					return err
				}
			}
		},
	}}
}

func TestWhatAScenarioDoesWrongIsToldByItsName(t *testing.T) {
	server := startServer(t, "-join-rate", "0")
	for play, want := range map[string]string{
		"crash": "scenario: crash panicked: runtime error: index out of range [7] with length 0, at swarm.",
		"typo":  `: scenario: typo: look: there is no table "ship"; known are `,
		"own":   "faults           none",
	} {
		var out, problems strings.Builder
		Run(t.Context(), scripts(), []string{"-url", server.url, "-admin", server.admin, "-bots", "3", "-ramp-over", "0s", "-hold", "1s", "-play", play}, &out, &problems)
		if !strings.Contains(out.String(), want) || play != "own" && !strings.Contains(out.String(), "(x 3)") {
			t.Errorf("%s: no %q in\n%s%s", play, want, out.String(), problems.String())
		}
	}
}

func TestAnotherServersMetricsAreFoundOut(t *testing.T) {
	server, other := startServer(t), startServer(t)
	_, stdout, stderr := command("-url", server.url, "-admin", other.admin, "-bots", "2", "-ramp-over", "0s", "-hold", "1s")
	if !strings.Contains(stdout, "sent 0 frames in this run and the bots received") || strings.Contains(stdout, "verdict          ok") {
		t.Errorf("\n%s%s", stdout, stderr)
	}
}
