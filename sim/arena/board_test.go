package arena

import (
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func TestTheBoardNamesTheBestFiveInOrder(t *testing.T) {
	g := newGame(t, 1)
	for seat, points := range []uint16{3, 9, 0, 9, 1, 30, 4} {
		g.Join(sim.PlayerInfo{Seat: sim.Seat(seat), Name: string(rune('a' + seat))})
		arenaOf(g).award(sim.Seat(seat), points)
	}
	g.Step()
	b := arenaOf(g).Board.Get()
	if b.Seats != [5]sim.Seat{5, 1, 3, 6, 0} || b.Points != [5]uint16{30, 9, 9, 4, 3} || b.Names != [5]string{"f", "b", "d", "g", "a"} {
		t.Errorf("%+v", b)
	}
	for seat := range sim.Seat(6) {
		g.Leave(seat)
	}
	g.Step()
	if b.Seats != [5]sim.Seat{6, sim.NoSeat, sim.NoSeat, sim.NoSeat, sim.NoSeat} || b.Names[1] != "" || b.Points[1] != 0 {
		t.Errorf("alone: %+v", b)
	}
}

func TestTeamsAlternateScoreAndDoNotHurtTheirOwn(t *testing.T) {
	g, err := Game.New(1, []byte(`{"teams": true}`))
	if err != nil {
		t.Fatal(err)
	}
	clearRocks(g)
	for seat := range sim.Seat(4) {
		g.Join(sim.PlayerInfo{Seat: seat, Name: "x"})
		_, s := ships(g).Owned(seat)
		if want := uint8(teamRed + seat%2); s.Team != want {
			t.Errorf("seat %d is in team %d, want %d", seat, s.Team, want)
		}
		place(g, seat, 100, 100+float32(seat)*100, 0)
	}
	place(g, 0, 2000, 2000, 0)
	friend := place(g, 2, 2100, 2000, 0)
	place(g, 1, 2200, 2000, 0)
	playUntil(g, 0, Input{Hold: true}, "kills", 100)
	if friend.HP != fullHP {
		t.Error("friendly fire hurts")
	}
	if b := arenaOf(g).Board.Get(); b.Red != shipPoints || b.Blue != 0 {
		t.Errorf("red %d, blue %d", b.Red, b.Blue)
	}
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, options := range []string{`{`, `{"teams": 3}`, `{"team": true}`, `7`} {
		if _, err := Game.New(1, []byte(options)); err == nil {
			t.Errorf("%s is accepted", options)
		}
	}
	if _, err := Game.New(1, []byte(`{}`)); err != nil {
		t.Error(err)
	}
}

func TestTheTeamThatMatchmakingChoseComesFirst(t *testing.T) {
	g, err := Game.New(1, []byte(`{"teams": true}`))
	if err != nil {
		t.Fatal(err)
	}
	for seat, team := range []int{teamBlue, teamBlue, teamRed, 0} {
		g.Join(sim.PlayerInfo{Seat: sim.Seat(seat), MatchTeam: team})
	}
	a := arenaOf(g)
	for seat, want := range []uint8{teamBlue, teamBlue, teamRed, teamRed} { // the last one evens it out
		if got := a.pilots[seat].team; got != want {
			t.Errorf("seat %d is in team %d; want %d", seat, got, want)
		}
	}
}

func TestTheArenasQueuesOpenRoomsAsTheySay(t *testing.T) {
	for _, q := range Game.Config().Queues {
		if _, err := Game.New(1, []byte(q.Options)); err != nil {
			t.Errorf("%s: %v", q.Name, err)
		}
	}
}
