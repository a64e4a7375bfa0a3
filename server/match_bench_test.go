package server

import (
	"log/slog"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// manyRooms is a node of 10,000 rooms for two, slow enough that their ticks leave the
// machine to what is measured.
func manyRooms(b *testing.B, taken int) (*node, *sim.Definition) {
	b.Helper()
	const rooms = 10_000
	game := sim.Define[pool](sim.Config{Name: "duel", TickRate: 1, SendRate: 1, MaxPlayers: 2})
	cfg := config{maxRooms: 100 * rooms, seatTimeout: time.Minute, secret: []byte(testSecret)}
	n := newNode(&cfg, []*sim.Definition{game}, directory.NewMemory(time.Hour), slog.New(slog.DiscardHandler))
	b.Cleanup(func() {
		n.drop()
		n.running.Wait()
	})
	for range rooms {
		h, err := n.open(b.Context(), plan{game: game, keep: true})
		if err != nil {
			b.Fatal(err)
		}
		for range taken {
			if _, err := h.room.Reserve(b.Context(), room.Reservation{Nonce: "n", Expires: time.Now().Add(time.Hour)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	return n, game
}

// One join of a node of 10,000 rooms, most of them full: every second one opens a room.
func BenchmarkMatch(b *testing.B) {
	n, game := manyRooms(b, 2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.match(b.Context(), wishFor(game, "Ada")); err != nil {
			b.Fatal(err)
		}
	}
}

// One page of the list.
func BenchmarkList(b *testing.B) {
	n, _ := manyRooms(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.roomsHTTP(b.Context(), &roomsInput{Limit: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}

// What the node does each second for 10,000 rooms.
func BenchmarkSweep(b *testing.B) {
	n, _ := manyRooms(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		n.sweep(b.Context(), n.all(), time.Now())
	}
}
