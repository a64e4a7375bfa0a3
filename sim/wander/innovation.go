package wander

import (
	"iter"
	"math"

	"github.com/roomtick/roomtick/sim"
)

// Columns names the columns of an Innovation, in order.
func Columns() [4]string { return [4]string{"x", "y", "angle", "hp"} }

// Innovation is what is new in a mover's values after a tick: the part that even a reader
// who knew its true speed could not foresee, in steps of the wire grid. hp counts as 0
// when it stayed. The entropy of these numbers is what a stream cannot go below.
type Innovation [4]int

// Innovations yields that of each mover, for the tick that a game of Games has just
// simulated.
func Innovations(game sim.Game) iter.Seq[Innovation] {
	return func(yield func(Innovation) bool) {
		g, ok := game.(interface{ movers() *sim.Table[Mover] })
		if !ok {
			return
		}
		for _, m := range g.movers().All() {
			n := Innovation{steps(m.ax, grid), steps(m.ay, grid), steps(m.da, fullTurn/angles), 0}
			if m.hit {
				n[3] = int(m.HP)
			}
			if !yield(n) {
				return
			}
		}
	}
}

func (g *Wander[R]) movers() *sim.Table[Mover] { return &g.Movers }
func (g *Toil) movers() *sim.Table[Mover]      { return &g.Movers }

func steps(v, step float32) int { return int(math.Round(float64(v) / float64(step))) }
