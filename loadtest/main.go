// Command loadtest puts a roomtick server under load with headless bots that play,
// decode and check everything, and says what they saw.
//
//	go run ./loadtest -url http://127.0.0.1:8080 -bots 100 -hold 10s -json out.json
//
// Package swarm says more, and how to make one for your own game.
//
// `loadtest codec` says what a game's entities would cost on the wire, `loadtest record`
// takes their values from a running room, `loadtest trace` makes some to practise on:
// docs/traces.md.
package main

import (
	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
	"github.com/roomtick/roomtick/sim/wander"
)

func main() { swarm.Main(options()) }

func options() swarm.Options {
	games := append([]*sim.Definition{arena.Game}, wander.Games()...)
	return swarm.Options{Games: games, Commands: commands()}
}
