package server

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// frozen is a game whose every room but the later ones stops in its first step.
type frozen struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[stroke]
}

var (
	froze = make(chan struct{}, 1) // holds one: the first step takes it
	thaw  = make(chan struct{})
)

func (*frozen) Join(*sim.World, *sim.Player)  {}
func (*frozen) Leave(*sim.World, *sim.Player) {}
func (*frozen) Step(*sim.World) {
	select {
	case <-froze:
		<-thaw
	default:
	}
}

func TestStuckRoomDoesNotEndMatchmaking(t *testing.T) {
	game := sim.Define[frozen](sim.Config{Name: "frozen", TickRate: 50, MaxPlayers: 4})
	n := newNode(&config{maxRooms: 100, seatTimeout: time.Minute}, []*sim.Definition{game}, newMemoryDirectory(leaseTime), slog.New(slog.DiscardHandler))
	froze <- struct{}{}
	first, err := n.open(t.Context(), game, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		close(thaw)
		n.drop()
		n.running.Wait()
	}()
	conntest.Poll(t, "the room is in its step", func() bool { return len(froze) == 0 })
	for i := range 5 {
		g, err := n.match(t.Context(), wish{game: "frozen", name: "Ada"})
		if err != nil || g.room == first.owner.Room {
			t.Errorf("join %d: room %q, %v", i, g.room, err)
		}
	}
	if rooms := len(n.all()); rooms > 3 {
		t.Errorf("%d rooms for five players and a stuck room", rooms)
	}
}

func TestPageBehindAProxyMayConnectFromThePublicURL(t *testing.T) {
	s := startPool(t, "-public-url", "https://game.example")
	for origin, allowed := range map[string]bool{
		"https://game.example": true, "http://game.example": false, "https://game.example.evil": false, "https://evil": false,
	} {
		b := s.match(t, "Ada")
		sock, err := conntest.Dial(s.ws+"/v1/rooms/"+b.Room+"/ws", http.Header{"Origin": {origin}}, schema.Subprotocol, "seat."+b.Token)
		if (err == nil) != allowed {
			t.Errorf("%s: %v", origin, err)
		}
		if err == nil {
			_ = sock.Close()
		}
	}
}

// leavingDirectory is used by callers whose client goes away while they wait.
type leavingDirectory struct {
	Directory
	leave context.CancelFunc
}

func (d leavingDirectory) Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error) {
	o, err := d.Directory.Acquire(ctx, room, node, floor)
	d.leave()
	return o, err
}

func TestJoinsThatAreGivenUpLeaveNoRoomBehind(t *testing.T) {
	n := newTestNode(t, config{})
	memory, ok := n.dir.(*memoryDirectory)
	if !ok {
		t.Fatal("not the memory directory")
	}
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		n.dir = leavingDirectory{memory, cancel}
		if _, err := n.match(ctx, wish{game: "pool", name: "Ada"}); err == nil {
			t.Fatal("a join whose client has gone was granted")
		}
	}
	if len(memory.rooms) > 0 {
		t.Errorf("%d records are left, of %d rooms", len(memory.rooms), len(n.all()))
	}
}
