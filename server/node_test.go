package server

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// newTestNode returns a node without listeners, and ends it with the test.
func newTestNode(t *testing.T, cfg config) *node {
	t.Helper()
	cfg.maxRooms = max(cfg.maxRooms, 8)
	cfg.seatTimeout = time.Minute
	cfg.secret = []byte(testSecret)
	log := slog.New(slog.DiscardHandler)
	n := newNode(&cfg, []*sim.Definition{poolGame}, directory.NewMemory(leaseTime), log)
	t.Cleanup(func() {
		if err := n.shutdown(log, nil); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestOneRoomsPanicEndsThatRoomOnly(t *testing.T) {
	s := startPool(t, "-bots", "3") // one seat a room is left
	victim, witness := s.join(t, "Ada"), s.join(t, "Bob")
	if victim.welcome.Room == witness.welcome.Room {
		t.Fatal("both are in one room")
	}
	victim.stroke(t, boom)
	goodbye, closed := victim.Drain()
	if goodbye == nil || goodbye.Code != schema.CloseRoomFailed || closed == nil || closed.Code != schema.CloseRoomFailed {
		t.Errorf("the failed room's player got %+v, %v", goodbye, closed)
	}
	for range 30 { // goes on, tick by tick
		before := witness.tick
		if witness.play(t); witness.tick <= before {
			t.Fatalf("tick %d after %d", witness.tick, before)
		}
	}
	conntest.Poll(t, "the failed room is gone from the list", func() bool {
		_, rooms := get(t, s.url+"/v1/rooms")
		return !strings.Contains(rooms, victim.welcome.Room) && strings.Contains(rooms, witness.welcome.Room)
	})
	for _, want := range []string{"room failed", "boom of Ada", "harness_test.go"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if _, metrics := get(t, s.admin+"/metrics"); !strings.Contains(metrics, "roomtick_room_panics_total 1") {
		t.Error("the panic is not counted")
	}
	wantRefused(t, s.ws+"/v1/rooms/"+victim.welcome.Room+"/ws", "resume."+victim.welcome.Secret, schema.CloseResumeRefused)
}

func TestRoomThatItsGameEndsIsGone(t *testing.T) {
	s := startPool(t)
	p := s.join(t, "Ada")
	p.stroke(t, end)
	wantGoodbye(t, p, schema.CloseRoomGone)
	conntest.Poll(t, "the room is gone from the list", func() bool {
		_, rooms := get(t, s.url+"/v1/rooms")
		_, metrics := get(t, s.admin+"/metrics")
		return strings.TrimSpace(rooms) == `{"rooms":[]}` && strings.Contains(metrics, "roomtick_rooms 0\n")
	})
	if again := s.match(t, "Ada"); again.Room == p.welcome.Room {
		t.Error("the ended room is given out")
	}
}

func TestEmptyRoomEndsAfterFifteenSecondsButTheFirstWithBotsStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{bots: 3})
		kept, err := n.open(t.Context(), plan{game: poolGame, keep: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.match(t.Context(), wishFor(poolGame, "Ada")); err != nil { // takes kept's last seat
			t.Fatal(err)
		}
		g, err := n.match(t.Context(), wishFor(poolGame, "Bob"))
		if err != nil {
			t.Fatal(err)
		}
		sweepFor := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(renewEvery) {
				n.sweep(t.Context(), n.all(), time.Now())
			}
		}
		sweepFor(seatTokenLife + emptyLife - 2*time.Second)
		if n.lookup(g.room) == nil {
			t.Error("the room ended while a seat was held, or within 15 s of that")
		}
		sweepFor(4 * time.Second)
		synctest.Wait()
		if n.lookup(g.room) != nil {
			t.Error("the empty room still runs")
		}
		sweepFor(time.Minute)
		if h := n.lookup(kept.owner.Room); h == nil {
			t.Error("the first room ended")
		}
		if rooms, err := n.dir.Find(t.Context(), directory.Query{}); err != nil || len(rooms) != 1 {
			t.Errorf("the directory lists %v, %v", rooms, err)
		}
	})
}

func TestRoomSomebodyIsJoiningIsNotRetired(t *testing.T) {
	n := newTestNode(t, config{})
	h, err := n.open(t.Context(), plan{game: poolGame, keep: false})
	if err != nil {
		t.Fatal(err)
	}
	if n.hold(h.owner.Room) != h {
		t.Fatal("hold did not find the room")
	}
	if n.retire(h) || n.lookup(h.owner.Room) == nil {
		t.Error("retired while somebody joins")
	}
	n.release(h)
	if !n.retire(h) || n.lookup(h.owner.Room) != nil {
		t.Error("not retired afterwards")
	}
	h.end(errEmpty)
}

func TestFencedRoomEnds(t *testing.T) {
	n := newTestNode(t, config{})
	h, err := n.open(t.Context(), plan{game: poolGame, keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.dir.Acquire(t.Context(), h.owner.Room, n.id, h.owner.Epoch); err != nil {
		t.Fatal(err)
	}
	n.sweep(t.Context(), n.all(), time.Now())
	<-h.room.Done()
}

func TestPhasesSpreadOverThePeriodHoweverManyRooms(t *testing.T) {
	const rate, period = 20, time.Second / 20
	for _, rooms := range []int{2, 5, 13, 100} {
		var at []time.Duration
		for i := range rooms {
			at = append(at, phase(uint64(i), rate))
		}
		slices.Sort(at)
		if at[0] < 0 || at[rooms-1] >= period {
			t.Fatalf("%d rooms: phases from %v to %v", rooms, at[0], at[rooms-1])
		}
		widest := at[0] + period - at[rooms-1]
		for i := 1; i < rooms; i++ {
			widest = max(widest, at[i]-at[i-1])
		}
		if even := period / time.Duration(rooms); widest > 2*even {
			t.Errorf("%d rooms: a gap of %v where even spacing is %v", rooms, widest, even)
		}
	}
}
