package room

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// slow is a game of two ticks a second.
var slow = sim.Define[wander](sim.Config{Name: "slow", TickRate: 2})

// beats runs a slow room for four ticks and counts the calls of Beat.
func beats(t *testing.T, unsent func(n int) bool) (n int) {
	synctest.Test(t, func(t *testing.T) {
		r, err := New(Config{Game: slow, ID: "beats", Beat: func(time.Time) bool {
			n++
			return unsent(n)
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(4*time.Second/2 + time.Second/4)
		if tick := r.Info().Tick; tick != 4 {
			t.Errorf("%d ticks", tick)
		}
		cancel()
		<-ended
	})
	return n
}

func TestRoomBeatsOnceATick(t *testing.T) {
	if n := beats(t, func(int) bool { return false }); n != 4 {
		t.Errorf("%d beats in 4 ticks", n)
	}
}

func TestRoomWithTheRestOfAFrameBeatsBetweenItsTicksUntilItIsSent(t *testing.T) {
	const extra = 7
	if n := beats(t, func(n int) bool { return n <= extra }); n != 4+extra {
		t.Errorf("%d beats in 4 ticks and for a rest that is sent at the %dth", n, extra+1)
	}
}
