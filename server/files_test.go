package server

import (
	"errors"
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

// The system connects a client whose socket this process can no longer take: it must not
// be sent here.
func TestNoRoomIsOpenedForPlayersWhoseSocketsCannotBe(t *testing.T) {
	n := newTestNode(t, config{})
	n.files = spareFiles + uint64(poolGame.Config().MaxPlayers) + 1
	if _, err := n.open(t.Context(), plan{game: poolGame}); err != nil {
		t.Fatalf("with files for all of it: %v", err)
	}
	n.conns.Open.Add(2)
	defer n.conns.Open.Add(-2)
	_, err := n.open(t.Context(), plan{game: poolGame})
	if !errors.Is(err, errNoFiles) || !errors.Is(err, errMaxRooms) { // by the second other nodes are asked
		t.Fatalf("with a file too few: %v", err)
	}
	if p := n.matchProblem(err); p.Status != 503 || !strings.Contains(p.Hint, "ulimit") {
		t.Errorf("hint %q", p.Hint)
	}
}
