package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
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
	n := newNode(&config{maxRooms: 100, seatTimeout: time.Minute}, []*sim.Definition{game}, directory.NewMemory(leaseTime), slog.New(slog.DiscardHandler))
	froze <- struct{}{}
	first, err := n.open(t.Context(), plan{game: game, keep: true})
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
		g, err := n.match(t.Context(), wishFor(game, "Ada"))
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
	directory.Directory
	leave context.CancelFunc
	room  *string // the one given out last
}

func (d leavingDirectory) Acquire(ctx context.Context, room, node string, floor uint64) (directory.Owner, error) {
	o, err := d.Directory.Acquire(ctx, room, node, floor)
	*d.room = o.Room
	d.leave()
	return o, err
}

func TestJoinsThatAreGivenUpLeaveNoRoomBehind(t *testing.T) {
	n := newTestNode(t, config{})
	dir := n.dir
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		var room string
		n.dir = leavingDirectory{dir, cancel, &room}
		if _, err := n.match(ctx, wishFor(poolGame, "Ada")); err == nil {
			t.Fatal("a join whose client has gone was granted")
		}
		if l, err := dir.Lookup(t.Context(), room); !errors.Is(err, directory.ErrUnknownRoom) {
			t.Errorf("left behind: %+v, %v, of %d rooms", l, err, len(n.all()))
		}
	}
}

// heavy is a game whose steps take long while the test says so.
type heavy struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[stroke]
}

// How long a step of heavy takes, less than nothing to end those under way, and whether
// one that takes any has begun. The games of one test at a time use them.
var (
	stepTime atomic.Int64
	inStep   atomic.Bool
)

func (*heavy) Join(*sim.World, *sim.Player)  {}
func (*heavy) Leave(*sim.World, *sim.Player) {}
func (*heavy) Step(*sim.World) {
	for end := time.Now().Add(time.Duration(stepTime.Load())); time.Now().Before(end) && stepTime.Load() >= 0; {
		inStep.Store(true)
		time.Sleep(10 * time.Millisecond)
	}
}

var heavyGame = sim.Define[heavy](sim.Config{Name: "heavy", TickRate: 20, MaxPlayers: 100})

// heavyNode runs body in a bubble with a node whose rooms' steps take no time yet.
func heavyNode(t *testing.T, body func(n *node, join func() (grant, error))) {
	synctest.Test(t, func(t *testing.T) {
		stepTime.Store(0)
		log := slog.New(slog.DiscardHandler)
		cfg := &config{maxRooms: 100, seatTimeout: time.Minute, secret: []byte(testSecret)}
		n := newNode(cfg, []*sim.Definition{heavyGame}, directory.NewMemory(leaseTime), log)
		body(n, func() (grant, error) { return n.match(t.Context(), wishFor(heavyGame, "Ada")) })
		stepTime.Store(0)
		n.drop()
		n.running.Wait()
	})
}

func TestRoomThatAnswersAgainTakesPlayersAtOnce(t *testing.T) {
	heavyNode(t, func(_ *node, join func() (grant, error)) {
		if _, err := join(); err != nil {
			t.Fatal(err)
		}
		first, err := join()
		if err != nil {
			t.Fatal(err)
		}
		stepTime.Store(int64(time.Second))
		time.Sleep(100 * time.Millisecond) // it is in such a step
		stepTime.Store(0)
		if other, err := join(); err != nil || other.room == first.room {
			t.Errorf("while it is stuck: %q, %v", other.room, err)
		}
		time.Sleep(time.Second) // shorter than any penalty would be worth
		if again, err := join(); err != nil || again.room != first.room {
			t.Errorf("once it has answered: %q, %v; want %q", again.room, err, first.room)
		}
	})
}

func TestBusyMachineIsNotGivenMoreRooms(t *testing.T) {
	heavyNode(t, func(n *node, join func() (grant, error)) {
		if _, err := join(); err != nil {
			t.Fatal(err)
		}
		stepTime.Store(int64(2 * time.Second)) // of every room, for as long as this lasts
		var seated, refused atomic.Int32
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				_, err := join()
				var p *Problem
				switch {
				case err == nil:
					seated.Add(1)
				case errors.As(err, &p) && p.Code == "busy" && strings.Contains(p.Detail, "machine"):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
			time.Sleep(100 * time.Millisecond)
		}
		wg.Wait()
		rooms := len(n.all())
		if rooms > 1+stuckRooms+1 || seated.Load() == 0 {
			t.Errorf("%d rooms, %d seated, %d refused", rooms, seated.Load(), refused.Load())
		}
		stepTime.Store(0)
		time.Sleep(10 * time.Second) // the steps under way end
		for range 12 {
			if _, err := join(); err != nil {
				t.Fatalf("after it: %v", err)
			}
		}
		if len(n.stuck) > 0 {
			t.Errorf("%d rooms count as stuck", len(n.stuck))
		}
	})
}

func TestDeadRoomsDoNotKeepNewOnesFromBeingOpened(t *testing.T) {
	heavyNode(t, func(n *node, join func() (grant, error)) {
		stepTime.Store(int64(time.Hour))
		for range 4 {
			h, err := n.open(t.Context(), plan{game: heavyGame, keep: true})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			n.noteStuck(h)
		}
		stepTime.Store(0)
		if _, err := join(); err == nil {
			t.Error("seated by a room that sleeps, or by one more on a busy machine")
		}
		time.Sleep(deadAfter)
		if _, err := join(); err != nil {
			t.Error(err)
		}
	})
}

func TestConnWhoseRoomDoesNotTakeItIsToldBusyNotRestart(t *testing.T) {
	stepTime.Store(0)
	inStep.Store(false)
	s := start(t, []*sim.Definition{heavyGame})
	t.Cleanup(func() { stepTime.Store(-1) }) // before the server is stopped
	booked := decode(t, s.post(t, `{"game":"heavy","name":"Ada"}`).body)
	stepTime.Store(int64(time.Hour))
	conntest.Poll(t, "the room is in its step", inStep.Load)
	wantRefused(t, booked.URL, "seat."+booked.Token, schema.CloseBusy)
}
