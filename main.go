// Command roomtick serves the demo game. A game of your own needs exactly this
// main, with your sim.Define value in place of arena.Game.
package main

import (
	"github.com/roomtick/roomtick/server"
	"github.com/roomtick/roomtick/sim/arena"
)

func main() { server.Main(arena.Game) }
