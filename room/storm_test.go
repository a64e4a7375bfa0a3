package room

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/sim"
)

// A hundred players come within a tick to a room in which a hundred play: all of them
// are seated, and of those who played nobody misses a frame. What a newcomer is sent is
// made once for all who come in the same tick.
func TestAJoinStormHurtsNobody(t *testing.T) {
	config := plazaGame.Config()
	config.Name, config.MaxPlayers = "storm", 200
	stats := new(Stats)
	inBubble(t, Config{Game: sim.Define[plaza](config), Stats: stats}, func(r *Room) {
		var playing []*tab
		for n := range 100 {
			playing = append(playing, newTab(t, r, fmt.Sprint("old ", n)))
		}
		turn := func(tabs []*tab) {
			ticks(r, 1)
			for _, b := range tabs {
				b.read()
				b.ack()
			}
		}
		for range 20 {
			turn(playing)
		}
		before := stats.Encodings.Load()
		conns := storm(t, r, 100)
		frames := playing[0].frames
		for range 60 {
			turn(playing)
		}
		for i, b := range playing {
			if got := b.frames - frames; got < 60 || b.resets != 1 {
				t.Errorf("player %d got %d frames in 60 ticks, %d resets", i, got, b.resets)
			}
		}
		for i, c := range conns {
			if len(c.take()) == 0 || c.closed() != 0 {
				t.Errorf("newcomer %d got nothing", i)
			}
		}
		groups := int64(len(r.pub.order))
		if made := stats.Encodings.Load() - before; made > 62*4*groups {
			t.Errorf("%d encodings in 62 ticks of %d groups", made, groups)
		}
		if r.Info().Players != 200 {
			t.Errorf("%d players", r.Info().Players)
		}
	})
}

// storm joins n players at once, from goroutines of their own.
func storm(t *testing.T, r *Room, n int) []*fakeConn {
	t.Helper()
	conns := make([]*fakeConn, n)
	var all sync.WaitGroup
	for i := range conns {
		conns[i] = &fakeConn{}
		all.Go(func() {
			nonce := fmt.Sprint("storm ", i)
			seat, err := r.Reserve(context.Background(), Reservation{Nonce: nonce, Expires: time.Now().Add(30 * time.Second)})
			if err == nil {
				err = r.Claim(context.Background(), Claim{Seat: seat, Nonce: nonce, Conn: conns[i]})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return conns
}
