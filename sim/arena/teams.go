package arena

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/roomtick/roomtick/sim"
)

// The teams.
const (
	teamNone = iota // everybody for themselves
	teamRed
	teamBlue
)

// readOptions reads those of a match: {"teams": true} plays red against blue, {"rocks":
// 1000} begins with as many, of all sizes if they are more than that, {"minutes": 5} ends the match after that.
func (a *Arena) readOptions(options []byte) error {
	a.rocks = rockCount
	if len(options) == 0 {
		return nil
	}
	var o struct {
		Teams bool `json:"teams"`
		Rocks *int `json:"rocks"`

		Minutes int `json:"minutes"`
	}
	in := json.NewDecoder(bytes.NewReader(options))
	in.DisallowUnknownFields()
	if err := in.Decode(&o); err != nil {
		return fmt.Errorf(`options: %w; use {"teams": true, "rocks": 500, "minutes": 5}`, err)
	}
	if o.Minutes < 0 || o.Minutes > mostMinutes {
		return fmt.Errorf("options: minutes is %d; use 0, for a match without an end, to %d", o.Minutes, mostMinutes)
	}
	a.teams, a.left = o.Teams, uint32(o.Minutes)*60*tickRate
	if o.Rocks == nil {
		return nil
	}
	if *o.Rocks < 0 || *o.Rocks > mostRocks {
		return fmt.Errorf("options: rocks is %d; use 0 to %d", *o.Rocks, mostRocks)
	}
	a.rocks = *o.Rocks
	return nil
}

// pickTeam returns the team that matchmaking chose, so that parties stay together, or the
// one with fewer players, red if they are equal.
func (a *Arena) pickTeam(w *sim.World, who *sim.Player) uint8 {
	switch {
	case !a.teams:
		return teamNone
	case who.MatchTeam == teamRed || who.MatchTeam == teamBlue:
		return uint8(who.MatchTeam)
	}
	lead := 0 // of red, in players
	for p := range w.Players() {
		switch a.pilots[p.Seat].team {
		case teamRed:
			lead++
		case teamBlue:
			lead--
		}
	}
	if lead > 0 {
		return teamBlue
	}
	return teamRed
}

func (a *Arena) awardTeam(team uint8, points uint16) {
	b := a.Board.Get()
	switch team {
	case teamRed:
		b.Red = addPoints(b.Red, points)
	case teamBlue:
		b.Blue = addPoints(b.Blue, points)
	}
}

// hueOf spreads the colours of neighbouring seats over the circle, or over the reds or
// the blues.
func hueOf(seat sim.Seat, team uint8) uint8 {
	spread := uint8(seat) * 158 // 256 times the golden ratio
	switch team {
	case teamRed:
		return 246 + spread/12
	case teamBlue:
		return 150 + spread/12
	}
	return spread
}
