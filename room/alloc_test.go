package room

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// wander is a game in which everything moves and nothing comes or goes.
type wander struct {
	Ships  sim.Table[wanderer]
	Inputs sim.Inputs[paddle]
}

type wanderer struct {
	X   float32 `sync:"min=0,max=8000,step=0.05,lerp"`
	Y   float32 `sync:"min=0,max=8000,step=0.05,lerp"`
	Dir float32 `sync:"angle,bits=10,lerp"`
	HP  uint8   `sync:""`
	vx  float32
	vy  float32
}

var wanderGame = sim.Define[wander](sim.Config{Name: "wander", TickRate: 20, MaxPlayers: 100})

func (g *wander) Create(w *sim.World, _ []byte) error {
	for range 50 {
		_, s := g.Ships.Spawn()
		s.X, s.Y, s.HP = w.Rand().Range(1000, 7000), w.Rand().Range(1000, 7000), 100
	}
	return nil
}
func (g *wander) Join(*sim.World, *sim.Player)  {}
func (g *wander) Leave(*sim.World, *sim.Player) {}

func (g *wander) Step(w *sim.World) {
	rng := w.Rand()
	for _, s := range g.Ships.All() {
		s.vx += rng.Range(-20, 20)
		s.vy += rng.Range(-20, 20)
		s.X = max(0, min(8000, s.X+s.vx*w.DT()))
		s.Y = max(0, min(8000, s.Y+s.vy*w.DT()))
		s.Dir = sim.WrapAngle(s.Dir + rng.Range(-0.2, 0.2))
		if rng.IntN(50) == 0 {
			s.HP--
		}
	}
}

// echoConn acknowledges every snapshot at once and sends one input back, without
// allocating, as a well-behaved client does.
type echoConn struct {
	frame  schema.ClientFrame
	out    schema.ServerFrame
	inputs []byte
	bytes  int
	frames int
}

func (c *echoConn) Write(frame []byte) bool {
	if schema.ParseServerFrame(frame, &c.out) != nil {
		return false
	}
	c.bytes += len(frame)
	c.frames++
	c.frame = schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: c.out.Snapshot.Tick}}
	c.inputs = schema.AppendInput(c.inputs[:0], c.out.Snapshot.Tick+2, paddlePayload)
	c.frame.Inputs = c.inputs
	return true
}

var paddlePayload = paddleBytes(1, false)

func (c *echoConn) Receive(fn func(time.Time, *schema.ClientFrame)) error {
	fn(time.Time{}, &c.frame)
	return nil
}

func (c *echoConn) Close(schema.CloseCode, []byte) {}

// seated returns a room with n echoing players, driven by hand: no goroutine.
func seated(tb testing.TB, game *sim.Definition, n int) *Room {
	tb.Helper()
	r, err := New(Config{Game: game, ID: "wander", Seed: 1})
	if err != nil {
		tb.Fatal(err)
	}
	for range n {
		sitDown(tb, r)
	}
	for range 400 { // until every ring and buffer has its size
		r.tick(time.Now())
	}
	return r
}

// sitDown joins an echoing player to a room that has no goroutine.
func sitDown(tb testing.TB, r *Room) sim.Seat {
	tb.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 2 {
			req := <-r.mailbox
			req.reply <- req.run(time.Now())
		}
	}()
	seat, err := r.Reserve(context.Background(), Reservation{Nonce: "n", Expires: time.Now().Add(time.Hour)})
	if err == nil {
		err = r.Claim(context.Background(), Claim{Seat: seat, Nonce: "n", Conn: &echoConn{}})
	}
	if err != nil {
		tb.Fatal(err)
	}
	<-done
	return seat
}

// BenchmarkChurn is a tick in which one of 50 players leaves and another joins.
func BenchmarkChurn(b *testing.B) {
	r := seated(b, wanderGame, 50)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		r.vacate(&r.seats[n%50])
		sitDown(b, r)
		r.tick(time.Now())
	}
}

func TestSteadyStateAllocatesNothingPerTick(t *testing.T) {
	r := seated(t, wanderGame, 20)
	if n := testing.AllocsPerRun(200, func() { r.tick(time.Now()) }); n != 0 {
		t.Errorf("%v allocations per tick with 20 players and 50 moving ships, want 0", n)
	}
	if got := r.cfg.Stats.Frames.Load(); got < 20*600 {
		t.Errorf("only %d frames were sent", got)
	}
}

// BenchmarkTick is one tick of a room with 50 moving ships, from drain to fan-out.
func BenchmarkTick(b *testing.B) {
	for _, players := range []int{1, 50, 100} {
		b.Run(map[int]string{1: "players=1", 50: "players=50", 100: "players=100"}[players], func(b *testing.B) {
			r := seated(b, wanderGame, players)
			conn := r.seats[0].conn.(*echoConn)
			conn.bytes, conn.frames = 0, 0
			b.ReportAllocs()
			for b.Loop() {
				r.tick(time.Now())
			}
			b.ReportMetric(float64(conn.bytes)/float64(conn.frames)/50, "B/update")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(players), "ns/player")
		})
	}
}

// BenchmarkRooms ticks a room per core, all at once: -cpu 1,2 says what the second core brings.
func BenchmarkRooms(b *testing.B) {
	rooms := make(chan *Room, runtime.GOMAXPROCS(0))
	for range cap(rooms) {
		rooms <- seated(b, wanderGame, 50)
	}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		r := <-rooms
		for pb.Next() {
			r.tick(time.Now())
		}
	})
}
