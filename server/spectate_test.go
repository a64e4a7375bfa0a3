package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// watchedGame is the pool with seats for two who watch a fifth of a second late.
var watchedGame = sim.Define[pool](sim.Config{
	Name: "watched", TickRate: 50, MaxPlayers: 4, MaxSpectators: 2, SpectateDelay: 0.2,
})

func TestSpectatorsWatchWithoutASeat(t *testing.T) {
	s := start(t, []*sim.Definition{poolGame, watchedGame})
	if r := s.post(t, `{"game":"watched","spectate":true}`); r.status != http.StatusServiceUnavailable || !strings.Contains(r.body, "nothing-to-watch") {
		t.Errorf("nothing to watch: %d %s", r.status, r.body)
	}
	if r := s.post(t, `{"game":"pool","spectate":true}`); r.status != http.StatusConflict || !strings.Contains(r.body, "no-spectators") {
		t.Errorf("a game without spectators: %d %s", r.status, r.body)
	}
	playing := decode(t, s.post(t, `{"game":"watched","name":"Ada"}`).body)
	ada, err := dial(t, playing.URL, "seat."+playing.Token)
	if err != nil {
		t.Fatal(err)
	}
	ada.play(t)
	var watching reservation
	conntest.Poll(t, "the room is old enough", func() bool {
		r := s.post(t, `{"game":"watched","spectate":true}`)
		if r.status == http.StatusServiceUnavailable && r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		watching = decode(t, r.body)
		return r.status == http.StatusOK
	})
	if watching.Room != playing.Room {
		t.Errorf("watches room %s, Ada plays in %s", watching.Room, playing.Room)
	}
	p, err := dial(t, watching.URL, "seat."+watching.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	if p.welcome.Seat != uint16(sim.NoSeat) || p.welcome.Secret != "" {
		t.Errorf("welcome %+v", p.welcome)
	}
	wantRefused(t, watching.URL, "seat."+watching.Token, schema.CloseTokenUsed)
	_, rooms := get(t, s.url+"/v1/rooms")
	_, metrics := get(t, s.admin+"/metrics")
	if !strings.Contains(rooms, `"spectators":1`) || !strings.Contains(rooms, `"players":1`) || !strings.Contains(metrics, "roomtick_spectators 1") {
		t.Errorf("rooms %s", rooms)
	}
}
