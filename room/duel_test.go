package room

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// duel is a game with a weapon that hits at once: whoever aims at a duck where it is drawn
// hits it, however late the shot comes.
type duel struct {
	Ducks sim.Table[duck]
	In    sim.Inputs[trigger]

	Hits, Misses, Late [4]uint32 // by seat; late are ducks that are not there any more
	Sum                uint64    // of everything that was seen in the past
}

type duck struct {
	X     float32 `sync:"min=0,max=1000,step=0.05,lerp"`
	Y     float32 `sync:"min=0,max=1000,step=0.05,lerp"`
	speed float32
}

type trigger struct {
	X    float32 `sync:"min=0,max=1000,step=0.01"`
	Fire bool    `sync:"edge"`
}

var duelGame = sim.Define[duel](sim.Config{Name: "duel", MaxPlayers: 4, CellSize: 100, ViewWidth: 700, ViewHeight: 200})

func (g *duel) Create(w *sim.World, _ []byte) error {
	for n := range 20 {
		_, d := g.Ducks.Spawn()
		d.X, d.Y, d.speed = float32(50*n), 500, w.Rand().Range(2, 6)
	}
	return nil
}

func (g *duel) Join(_ *sim.World, p *sim.Player) { p.Look(500, 500) }
func (*duel) Leave(*sim.World, *sim.Player)      {}

func (g *duel) Step(w *sim.World) {
	for id, d := range g.Ducks.All() {
		if d.X += d.speed; d.X < 0 || d.X > 1000 {
			d.speed = -d.speed
		}
		d.speed += w.Rand().Range(-0.5, 0.5)
		g.Ducks.MoveTo(id, d.X, d.Y)
	}
	for p := range w.Players() {
		if in := g.In.Of(p); in.Fire {
			g.shoot(w, p, in.X)
		}
	}
}

func (g *duel) shoot(w *sim.World, p *sim.Player, x float32) {
	hit, late := false, false
	for id, d := range g.Ducks.AllIn(w.Rewind(p.Seat)) {
		g.Sum = g.Sum*31 + uint64(math.Float32bits(d.X))
		hit = hit || near(d.X, x)
		late = late || near(g.Ducks.Get(id).X, x)
	}
	switch {
	case !hit:
		g.Misses[p.Seat]++
	case late:
		g.Hits[p.Seat]++
	default:
		g.Hits[p.Seat]++
		g.Late[p.Seat]++
	}
}

func near(a, b float32) bool { return max(a-b, b-a) < 0.1 }

// hunter plays a duel: it draws the ducks halfway between the last two snapshots that it
// was sent, and shoots at one of them.
type hunter struct {
	tab      *tab
	was, now map[uint32]float64 // where the ducks were in those two
	from, to uint32             // their ticks
}

// note takes in a snapshot.
func (h *hunter) note() {
	h.was, h.from = h.now, h.to
	h.now, h.to = map[uint32]float64{}, h.tab.tick
	for g := range h.tab.dec.Groups() {
		for row, id := range g.IDs(0) {
			h.now[id] = float64(g.R(0, 0)[row]) * 0.05 / 16
		}
	}
}

// shoot sends the input of the next tick.
func (h *hunter) shoot(id, tick uint32) {
	a, seen := h.was[id]
	b, still := h.now[id]
	f := schema.ClientFrame{HasState: true, State: schema.ClientState{
		Ack: h.tab.tick, EventAck: h.tab.eventAck, View: (h.from + h.to) << 8 / 2,
	}}
	f.Inputs = schema.AppendInput(nil, tick, triggerBytes((a+b)/2, seen && still))
	h.tab.send(f)
}

// triggerBytes is an input on the wire: 17 bits of x, 1 of fire.
func triggerBytes(x float64, fire bool) []byte {
	v := uint32(math.Round(x / 0.01))
	if fire {
		v |= 1 << 17
	}
	return []byte{byte(v), byte(v >> 8), byte(v >> 16)}
}

// hunt has players with lines of different length shoot for a while, and calls after with
// every tick.
func hunt(t *testing.T, r *Room, n int, after func()) {
	var hunters []*hunter
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 3 {
		h := &hunter{tab: newTab(t, r, fmt.Sprint("hunter ", i))}
		h.tab.after = h.note
		hunters = append(hunters, h)
	}
	for range n {
		for i, h := range hunters {
			if rnd.IntN(1+i) > 0 {
				continue
			}
			switch h.tab.read(); {
			case h.from == 0 || r.count.tick.Load()+1-h.from > 5:
				h.tab.ack()
			default:
				h.shoot(1+uint32(rnd.IntN(20)), r.count.tick.Load()+1)
			}
		}
		ticks(r, 1)
		inside(t, r, after)
	}
}

func TestWhatIsAimedAtIsHit(t *testing.T) {
	inBubble(t, Config{Game: duelGame, Seed: 3}, func(r *Room) {
		hunt(t, r, 400, func() {})
		inside(t, r, func() {
			g := r.sim.Game().(*duel)
			for seat := range 3 {
				hits, misses, late := g.Hits[seat], g.Misses[seat], g.Late[seat]
				if hits < 30 || misses > 0 || late < hits*9/10 {
					t.Errorf("seat %d: %d hits, %d misses; %d ducks had flown on", seat, hits, misses, late)
				}
			}
		})
	})
}

// A match is its seed and its inputs, and what was drawn when they were made is part of
// those: played again without any conn, it comes to the same bits.
func TestAReplayedMatchRewindsToTheSame(t *testing.T) {
	type step struct {
		hash   uint64
		views  [3]viewing
		inputs [3]trigger
	}
	var steps []step
	var players [3]sim.PlayerInfo
	inBubble(t, Config{Game: duelGame, Seed: 5}, func(r *Room) {
		hunt(t, r, 200, func() {
			s := step{hash: r.sim.Hash()}
			for seat := range s.views {
				players[seat] = r.seats[seat].player
				s.views[seat] = r.seats[seat].viewing
				s.inputs[seat] = r.sim.Game().(*duel).In.Of(r.sim.World().Player(sim.Seat(seat)))
			}
			steps = append(steps, s)
		})
	})
	again, err := New(Config{Game: duelGame, Seed: 5, ID: "again"})
	if err != nil {
		t.Fatal(err)
	}
	for seat := range players {
		again.seats[seat].state = seatAway
		again.sim.Join(players[seat])
	}
	for n, s := range steps {
		for seat := range players {
			again.sim.SetInput(sim.Seat(seat), s.inputs[seat])
			if s.views[seat].ok {
				again.sim.SetView(sim.Seat(seat), s.views[seat].view)
			}
		}
		again.sim.Step()
		again.pub.publish()
		again.look(true)
		if again.sim.Hash() != s.hash {
			t.Fatalf("tick %d of %d: another hash", n+1, len(steps))
		}
	}
	if again.sim.Game().(*duel).Sum == 0 {
		t.Error("nobody looked into the past")
	}
}

// BenchmarkRewind is one player's look at everything in its past.
func BenchmarkRewind(b *testing.B) {
	r := seated(b, pondGame, 16)
	fish, seen := &r.sim.Game().(*pond).Fish, 0
	r.sim.SetView(0, sim.View{Tick: r.pub.tick - 3, Part: 100, Newest: r.pub.tick, Had: r.seats[0].trail.sent})
	b.ReportAllocs()
	for b.Loop() {
		seen = 0
		for range fish.AllIn(r.sim.World().Rewind(0)) {
			seen++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(fish.Len()), "ns/entity")
	b.ReportMetric(float64(seen), "seen")
}
