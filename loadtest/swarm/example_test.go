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

// circle turns left for ever, fires now and then, and greets.
func circle(ctx context.Context, b *client.Bot) error {
	if err := b.Send("say", client.Values{"text": "hello"}); err != nil {
		return err
	}
	for {
		if err := b.Input(client.Values{"turn": -1, "thrust": true, "fire": rand.IntN(4) == 0}); err != nil {
			return err
		}
		if err := b.Wait(ctx, 10); err != nil {
			return err
		}
	}
}
