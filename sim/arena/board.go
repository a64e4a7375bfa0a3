package arena

import "github.com/roomtick/roomtick/sim"

// places is how many players the board names.
const places = 5

// Board is who leads. Places that nobody has are sim.NoSeat with no name.
type Board struct {
	Seats  [places]sim.Seat `sync:""` // the best first
	Points [places]uint16   `sync:""`
	Names  [places]string   `sync:""`
	Red    uint16           `sync:""` // of the teams, if there are any
	Blue   uint16           `sync:""`
}

// rank sets the places of the board. Who was seated first is ahead of equals.
func (a *Arena) rank(w *sim.World) {
	b := a.Board.Get()
	taken := 0
	for p := range w.Players() {
		points := a.pilots[p.Seat].points
		at := taken
		for at > 0 && b.Points[at-1] < points {
			at--
		}
		if at == places {
			continue
		}
		taken = min(taken+1, places)
		copy(b.Seats[at+1:taken], b.Seats[at:])
		copy(b.Points[at+1:taken], b.Points[at:])
		copy(b.Names[at+1:taken], b.Names[at:])
		b.Seats[at], b.Points[at], b.Names[at] = p.Seat, points, p.Name
	}
	for at := taken; at < places; at++ {
		b.Seats[at], b.Points[at], b.Names[at] = sim.NoSeat, 0, ""
	}
}
