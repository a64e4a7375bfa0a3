package server

import (
	"log/slog"

	"github.com/roomtick/roomtick/sim"
)

// spareFiles are for what is no conn to a room: listeners, requests, the log, the page.
const spareFiles = 256

// warnOfFiles says so if players will be turned away before the rooms are full: each of
// their conns is an open file. most 0 is no limit.
func warnOfFiles(log *slog.Logger, cfg *config, games []*sim.Definition, most uint64) {
	seats := 0
	for _, g := range games {
		c := g.Config()
		seats = max(seats, c.MaxPlayers-cfg.bots+c.MaxSpectators)
	}
	if need := uint64(seats)*uint64(cfg.maxRooms) + spareFiles; most > 0 && need > most {
		log.Warn("the limit of open files is below what full rooms need; raise it (ulimit -n, LimitNOFILE=) or lower -max-rooms",
			"limit", most, "rooms", cfg.maxRooms, "conns a room", seats, "need", need)
	}
}
