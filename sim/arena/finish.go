package arena

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// mostMinutes is a day: a match that takes longer had better have no end.
const mostMinutes = 24 * 60

// final is the result of a match that has an end.
type final struct {
	Scores []score `json:"scores"` // the best first
	Red    uint16  `json:"red,omitempty"`
	Blue   uint16  `json:"blue,omitempty"`
}

type score struct {
	Seat   sim.Seat `json:"seat"`
	Name   string   `json:"name"`
	Points uint16   `json:"points"`
	Team   uint8    `json:"team,omitempty"` // 1 red, 2 blue
	Bot    bool     `json:"bot,omitempty"`
}

// finish ends the match once its time is over.
func (a *Arena) finish(w *sim.World) {
	if a.left == 0 {
		return
	}
	if a.left--; a.left > 0 {
		return
	}
	f := final{Red: a.Board.Get().Red, Blue: a.Board.Get().Blue}
	for p := range w.Players() {
		pilot := &a.pilots[p.Seat]
		f.Scores = append(f.Scores, score{Seat: p.Seat, Name: p.Name, Points: pilot.points, Team: pilot.team, Bot: p.Bot})
	}
	slices.SortStableFunc(f.Scores, func(x, y score) int { return int(y.Points) - int(x.Points) })
	w.Finish(f)
}
