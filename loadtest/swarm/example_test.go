package swarm_test

import (
	"context"
	"math/rand/v2"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// A load test of your own game: register the game so that its brain may play, and
// players by script.
//
//	go run ./mygame/loadtest -play circle -bots 200 -hold 30s -assert 'echo.p99<150ms'
func ExampleMain() {
	swarm.Main(swarm.Options{
		Games:     []*sim.Definition{arena.Game},
		Scenarios: map[string]client.Scenario{"circle": circle},
	})
}

// circle greets, turns left for ever, and fires now and then while it is well. A name that
// the game does not have is an error that lists the names there are.
func circle(ctx context.Context, b *client.Bot) error {
	if err := b.Send("say", client.Values{"text": "hello"}); err != nil {
		return err
	}
	for {
		hp := 0.0
		err := b.Look(ctx, func(s *client.State) {
			s.Each("ships", func(e client.Entity) {
				if e.Mine() {
					hp = e.Number("hp")
				}
			})
		})
		if err != nil {
			return err
		}
		if err := b.Input(client.Values{"turn": -1, "thrust": true, "fire": hp > 50 && rand.IntN(4) == 0}); err != nil {
			return err
		}
		if err := b.Wait(ctx, 10); err != nil {
			return err
		}
	}
}
