package room

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// Spectate shows spectators every group but one.
func (*vault) Spectate(group sim.Group) bool { return group != sim.Team(3) }

const stageDelay = 5 // seconds

func stageConfig() sim.Config {
	c := vaultGame.Config()
	c.Name, c.MaxSpectators, c.SpectateDelay = "stage", 3, stageDelay
	return c
}

// spectate lets a tab without a seat in.
func spectate(t *testing.T, r *Room, nonce string) (*tab, error) {
	t.Helper()
	b := &tab{t: t, room: r, builder: schema.NewBuilder(1024), conn: &fakeConn{}, seat: noSeat}
	b.dec = delta.NewDecoder(r.cfg.Game.Parts())
	return b, r.Watch(context.Background(), Watch{Nonce: nonce, Expires: time.Now().Add(30 * time.Second), Conn: b.conn})
}

func TestSpectatorsSeeWhatWasPublicSomeTimeAgo(t *testing.T) {
	game := sim.Define[vault](stageConfig())
	stats := new(Stats)
	inBubble(t, Config{Game: game, Stats: stats}, func(r *Room) {
		player := newTab(t, r, "player")
		history := map[uint32]map[string]uint32{} // pubHash by tick and group
		step := func(tabs ...*tab) {
			ticks(r, 1)
			player.read()
			player.ack()
			inside(t, r, func() { history[r.pub.tick] = publicHashes(r) })
			for _, b := range tabs {
				b.read()
			}
		}
		for range 30 {
			step()
		}
		if _, err := spectate(t, r, "early"); !errors.Is(err, ErrNotYet) {
			t.Errorf("before there is anything to see: %v", err)
		}
		for range 100 {
			step()
		}
		one, err := spectate(t, r, "one")
		if err != nil {
			t.Fatal(err)
		}
		two, _ := spectate(t, r, "two")
		rng := rand.New(rand.NewPCG(1, 2))
		shown := 0
		for range 400 {
			step(one)
			one.ack()
			if rng.IntN(60) > 0 {
				two.read()
				two.ack()
			} else {
				for range 90 { // more than its gate lets through
					step(one)
					one.ack()
				}
			}
			shown += checkSpectator(t, one, history) + checkSpectator(t, two, history)
		}
		if shown < 500 || one.resets != 1 || two.resets < 2 {
			t.Errorf("%d pictures compared, %d and %d resets", shown, one.resets, two.resets)
		}
		if one.welcome.Seat != uint16(noSeat) || one.welcome.Secret != "" || one.welcome.Descriptor == nil {
			t.Errorf("welcome %+v", one.welcome)
		}
		if late := r.sim.Tick() - one.tick; late < 20*stageDelay || late > 20*stageDelay+1 {
			t.Errorf("the spectator is %d ticks late", late)
		}
		checkDoor(t, r, two)
	})
}

// publicHashes is the pubHash of every group that spectators see, now.
func publicHashes(r *Room) map[string]uint32 {
	all := map[string]uint32{}
	for _, g := range r.pub.order {
		if r.isPublic(g.key) {
			all[fmt.Sprint(g.slot)], _ = g.stream.Hash(0)
		}
	}
	return all
}

// checkSpectator compares a spectator's copies with what was public at their tick.
func checkSpectator(t *testing.T, b *tab, history map[uint32]map[string]uint32) (compared int) {
	t.Helper()
	if b.frames == 0 {
		return 0
	}
	want, n := history[b.tick], 0
	for group := range b.dec.Groups() {
		n++
		if h, ok := want[fmt.Sprint(group.Slot)]; !ok || h != group.Hash() {
			t.Fatalf("tick %d: group %d is not what was public", b.tick, group.Slot)
		}
	}
	if n != len(want) {
		t.Fatalf("tick %d: %d groups, %d were public", b.tick, n, len(want))
	}
	return 1
}

// checkDoor tries what spectators may not.
func checkDoor(t *testing.T, r *Room, b *tab) {
	t.Helper()
	if _, err := spectate(t, r, "one"); !errors.Is(err, ErrTokenUsed) {
		t.Errorf("a second use of a token: %v", err)
	}
	if _, err := spectate(t, r, "three"); err != nil {
		t.Error(err)
	}
	if _, err := spectate(t, r, "four"); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	if n := r.Info().Spectators; n != 3 {
		t.Errorf("%d spectators are counted", n)
	}
	b.send(schema.ClientFrame{HasHello: true})
	ticks(r, 1)
	if b.conn.closed() != schema.CloseMalformed || r.Info().Spectators != 2 {
		t.Errorf("a second hello: closed with %v, %d spectators", b.conn.closed(), r.Info().Spectators)
	}
}

func TestSpectatorsThatStopReadingAreClosed(t *testing.T) {
	game := sim.Define[vault](stageConfig())
	inBubble(t, Config{Game: game}, func(r *Room) {
		ticks(r, 20*stageDelay+10)
		b, err := spectate(t, r, "one")
		if err != nil {
			t.Fatal(err)
		}
		ticks(r, 20*11+40)
		if b.conn.closed() != schema.CloseLagging || r.Info().Spectators != 0 {
			t.Errorf("closed with %v, %d spectators", b.conn.closed(), r.Info().Spectators)
		}
	})
}

func TestGamesWithoutSpectatorsLetNobodyWatch(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		if _, err := spectate(t, r, "one"); !errors.Is(err, ErrNoSpectators) {
			t.Error(err)
		}
	})
}
