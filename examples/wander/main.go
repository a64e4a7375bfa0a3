// Command wander serves the rooms that this repository is measured with; see sim/wander.
// They have no page: their players are bots.
package main

import (
	"github.com/roomtick/roomtick/server"
	"github.com/roomtick/roomtick/sim/wander"
)

func main() { server.Main(wander.Games()...) }
