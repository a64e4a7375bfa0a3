package server

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

func TestTooFewFilesForFullRoomsAreWarnedOf(t *testing.T) {
	const need = 100*3 + spareFiles // a pool has four seats, and one bot
	for most, want := range map[uint64]bool{0: false, need: false, need - 1: true} {
		var out strings.Builder
		warnOfFiles(slog.New(slog.NewTextHandler(&out, nil)), &config{maxRooms: 100, bots: 1}, []*sim.Definition{poolGame}, most)
		if strings.Contains(out.String(), "-max-rooms") != want {
			t.Errorf("%d files: logged %q", most, &out)
		}
	}
}
