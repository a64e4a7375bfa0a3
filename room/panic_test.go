package room

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// bomb is a game that goes off in the way and at the place its options name.
type bomb struct {
	Bait   sim.Table[bait]
	Inputs sim.Inputs[paddle]
	Fuse   string
}

var bombGame = sim.Define[bomb](sim.Config{Name: "bomb", TickRate: 20, MaxPlayers: 4})

func (g *bomb) Create(_ *sim.World, options []byte) error {
	g.Fuse = string(options)
	g.explode("create")
	return nil
}
func (g *bomb) Join(*sim.World, *sim.Player)  { g.explode("join") }
func (g *bomb) Leave(*sim.World, *sim.Player) { g.explode("leave") }
func (g *bomb) Drop(*sim.World, *sim.Player)  { g.explode("drop") }

func (g *bomb) Step(w *sim.World) {
	if w.Tick() >= 5 {
		g.explode("step")
	}
}

func (g *bomb) explode(place string) {
	where, how, _ := strings.Cut(g.Fuse, " ")
	if where != place {
		return
	}
	switch how {
	case "panic":
		panic("boom")
	case "nil map":
		m := map[bool]map[int]int{}
		m[true][1] = 1
	case "nil panic":
		var nothing any
		panic(nothing)
	case "goexit":
		runtime.Goexit()
	}
}

func TestEveryPanicOfAGameEndsItsRoomAndTellsItsPlayers(t *testing.T) {
	for _, where := range []string{"join", "step", "drop", "leave"} {
		for _, how := range []string{"panic", "nil map", "nil panic", "goexit"} {
			t.Run(where+" "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r, err := New(Config{Game: bombGame, ID: "bomb", Options: []byte(where + " " + how)})
					if err != nil {
						t.Fatal(err)
					}
					ended := make(chan error, 1)
					go func() { ended <- r.Run(context.Background()) }()
					conn := &fakeConn{}
					seat, err := r.Reserve(context.Background(), Reservation{Nonce: "n", Expires: time.Now().Add(time.Minute)})
					if err != nil {
						t.Fatal(err)
					}
					err = r.Claim(context.Background(), Claim{Seat: seat, Nonce: "n", Conn: conn})
					if where == "join" {
						if !errors.Is(err, ErrEnded) {
							t.Errorf("claim: %v, want ErrEnded", err)
						}
					} else {
						ticks(r, 2)
						if where == "drop" {
							conn.cut(errCut)
						}
						if where == "leave" {
							conn.put(schema.NewBuilder(64).ClientFrame(&schema.ClientFrame{Leave: true}))
						}
					}
					var p *PanicError
					if err := <-ended; !errors.As(err, &p) || p.Room != "bomb" || len(p.Stack) == 0 {
						t.Fatalf("Run returned %v", err)
					}
					<-r.Done()
					if where == "step" && conn.closed() != schema.CloseRoomFailed {
						t.Errorf("conn closed with %d", conn.closed())
					}
				})
			})
		}
	}
}

func TestPanicInCreateIsAnErrorOfNew(t *testing.T) {
	for _, how := range []string{"panic", "nil map"} {
		if _, err := New(Config{Game: bombGame, ID: "bomb", Options: []byte("create " + how)}); err == nil || !strings.Contains(err.Error(), "Create") {
			t.Errorf("%s: New returned %v", how, err)
		}
	}
}

func TestNewReportsEveryProblemAtOnce(t *testing.T) {
	_, err := New(Config{Game: bombGame, Bots: 5})
	for _, want := range []string{"Config.ID", "Config.Bots is 5", "no computer players"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
	if _, err := New(Config{}); err == nil {
		t.Error("no error without a game")
	}
}

func TestRoomStoppedForSecondsGivesUpTheTimeAndKeepsTickNumbers(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		ticks(r, 10)
		inside(t, r, func() { time.Sleep(5 * time.Second) }) // the goroutine gets no time
		ticks(r, 10)
		if tick := r.Info().Tick; int64(tick) != stats.Ticks.Load() || tick < 20 || tick > 24 {
			t.Errorf("tick %d after %d ticks, want 20 and at most 3 caught up", tick, stats.Ticks.Load())
		}
	})
	if n := stats.TicksSkipped.Load(); n < 95 || n > 100 {
		t.Errorf("%d ticks skipped in 5 s at 20 Hz, want about 98", n)
	}
}
