package room

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// sluggish is a game whose step takes five times its period.
type sluggish struct {
	Fish   sim.Table[bait]
	Inputs sim.Inputs[paddle]
}

func (*sluggish) Join(*sim.World, *sim.Player)  {}
func (*sluggish) Leave(*sim.World, *sim.Player) {}
func (*sluggish) Step(*sim.World)               { time.Sleep(250 * time.Millisecond) }

func TestARoomThatIsBehindAnswersEverybodyBetweenTwoTicks(t *testing.T) {
	game := sim.Define[sluggish](sim.Config{Name: "sluggish", TickRate: 20, MaxPlayers: 100})
	var taken atomic.Int64
	inBubble(t, Config{Game: game, Taken: func(seats int) { taken.Store(int64(seats)) }}, func(r *Room) {
		var wg sync.WaitGroup
		var late atomic.Int32
		for range 60 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
				defer cancel()
				_, err := r.Reserve(ctx, Reservation{Nonce: "n", Expires: time.Now().Add(time.Hour)})
				if errors.Is(err, context.DeadlineExceeded) {
					late.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
			time.Sleep(10 * time.Millisecond)
		}
		wg.Wait()
		if late.Load() > 0 || taken.Load() != 60 {
			t.Errorf("%d of 60 got no answer; %d seats are taken", late.Load(), taken.Load())
		}
	})
}
