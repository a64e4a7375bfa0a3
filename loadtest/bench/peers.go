//go:build linux

package main

import "strings"

// peer is what other servers need for the same, as we measured it on another machine with
// two cores, in rounds that took turns, with the same movement at 20 Hz. This command does
// not run them: it prints what was measured then, for times as a ratio beside them too.
type peer struct {
	suite string
	what  string // part of the figure's name
	shows string
}

func peers() []peer {
	return []peer{
		{"sdk", "gzipped", "Colyseus 0.18: 53.6-68.9 KB; partysocket 4.1 KB"},
		{"bytes", "everything counted", "Colyseus 0.18: 11.0 as int16, 17.0 as float32; packed full state 9.1"},
		{"js", "frame and deltas", "Colyseus 0.18: 490-740"},
		{"cpu", "x 50: CPU per snapshot", "Colyseus 0.18: 12.6, where bare sockets took 4.1"},
		{"cpu", "seeing about 50: CPU per snapshot", "Colyseus 0.18 with StateView: 29, where bare sockets took 4.1"},
		{"cpu", "x 50: memory a client", "nano 35; Colyseus 0.18: 94, 193 with views; Nakama 101"},
		{"most", "19 Hz or more, 50 a room", "Colyseus 0.18: 3,800 on Node, 5,500 on Bun; nano and Centrifuge 4,000+"},
		{"slow", "behind the newest tick, later", "Colyseus 0.18: 430 more with every second"},
	}
}

// peersOf is what others need for a figure, empty if nobody measured that.
func peersOf(f *figure) string {
	for _, p := range peers() {
		if p.suite == f.Suite && strings.Contains(f.What, p.what) {
			return p.shows
		}
	}
	return ""
}
