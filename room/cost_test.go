package room

import (
	"math"
	"testing"
	"time"
)

// seatedWith is seated in a room that tells a cost.
func seatedWith(tb testing.TB, cost *Cost, n int) *Room {
	tb.Helper()
	r, err := New(Config{Game: wanderGame, ID: "wander", Seed: 1, Cost: cost})
	if err != nil {
		tb.Fatal(err)
	}
	for range n {
		sitDown(tb, r)
	}
	return r
}

// busyConn refuses one frame in seven and adds up the others.
type busyConn struct {
	echoConn
	asked, deltas int
}

func (c *busyConn) Write(frame []byte) bool {
	if c.asked++; c.asked%7 == 0 || !c.echoConn.Write(frame) {
		return false
	}
	c.deltas += len(c.out.Deltas)
	return true
}

func TestTheCostOfAGameAddsUpToItsFrames(t *testing.T) {
	cost := NewCost(wanderGame)
	r := seatedWith(t, cost, 5)
	for i := range 5 {
		r.seats[i].conn = &busyConn{}
	}
	for range 400 {
		r.tick(time.Now())
	}
	r.closeCost()
	s := cost.Spending()
	received, deltas := 0, 0
	for i := range 5 {
		received += r.seats[i].conn.(*busyConn).bytes
		deltas += r.seats[i].conn.(*busyConn).deltas
	}
	if s.Frames != float64(received) || s.Deltas != float64(deltas) {
		t.Errorf("%.0f bytes sent, %d received; %.0f of deltas, %d received", s.Frames, received, s.Deltas, deltas)
	}
	made, sent := 0.0, 0.0
	for _, f := range s.Fields {
		made, sent = made+f.Made, sent+f.Sent
		if f.Field == "x" && (f.Sent < 2*f.Made || f.Sent > 5*f.Made) {
			t.Errorf("x: %.0f bytes made, %.0f sent to five", f.Made, f.Sent)
		}
	}
	for _, o := range s.Overhead {
		made, sent = made+o.Made, sent+o.Sent
	}
	if math.Abs(sent-s.Deltas) > 1 || made == 0 {
		t.Errorf("fields and overhead are %.0f bytes, deltas %.0f", sent, s.Deltas)
	}
	if s.Envelopes < 5*400*10 || s.Envelopes > 5*400*48+5*2000 {
		t.Errorf("%.0f bytes of envelopes", s.Envelopes)
	}
	if world := s.Groups[0]; world.Kind != "world" || world.Sent < 0.9*s.Deltas {
		t.Errorf("%+v of %.0f bytes", world, s.Deltas)
	}
}

func TestACostTellsWhatACoarserStepSaves(t *testing.T) {
	cost := NewCost(wanderGame)
	r := seatedWith(t, cost, 1)
	for range 400 {
		r.tick(time.Now())
	}
	for _, f := range cost.Spending().Fields {
		switch f.Field {
		case "x":
			if len(f.Savings) != 3 || f.Savings[0].Step != 2*f.Step || f.Savings[2].OfField < 0.3 || f.Savings[2].OfField <= f.Savings[0].OfField || f.Savings[2].OfAll >= f.Savings[2].OfField {
				t.Errorf("%+v", f)
			}
		case "dir":
			if len(f.Savings) != 3 || f.Savings[2].Bits != 7 || f.Savings[2].OfField < 0.2 {
				t.Errorf("%+v", f)
			}
		case "hp":
			if f.Savings != nil {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestRoomsOfAGameTakeTurnsWithItsTrial(t *testing.T) {
	cost := NewCost(wanderGame)
	rooms := []*Room{seatedWith(t, cost, 1), seatedWith(t, cost, 1)}
	held := map[*Room]int{}
	for range 2000 {
		for _, r := range rooms {
			r.tick(time.Now())
		}
		held[cost.trying.Load()]++
	}
	if held[rooms[0]] < 500 || held[rooms[1]] < 500 {
		t.Errorf("one has had it for %d ticks, the other for %d", held[rooms[0]], held[rooms[1]])
	}
	rooms[0].closeCost()
	rooms[1].closeCost()
	if cost.trying.Load() != nil {
		t.Error("a room that has ended holds the trial")
	}
}

func TestTellingTheCostAllocatesNothingPerTick(t *testing.T) {
	r := seatedWith(t, NewCost(wanderGame), 20)
	for range 400 {
		r.tick(time.Now())
	}
	if n := testing.AllocsPerRun(400, func() { r.tick(time.Now()) }); n != 0 {
		t.Errorf("%v allocations per tick, want 0", n)
	}
}

// BenchmarkCost is BenchmarkTick with 50 players and nobody, then the game's cost, told.
func BenchmarkCost(b *testing.B) {
	for name, cost := range map[string]*Cost{"untold": nil, "told": NewCost(wanderGame)} {
		b.Run(name, func(b *testing.B) {
			r := seatedWith(b, cost, 50)
			for range 400 {
				r.tick(time.Now())
			}
			b.ReportAllocs()
			for b.Loop() {
				r.tick(time.Now())
			}
		})
	}
}
