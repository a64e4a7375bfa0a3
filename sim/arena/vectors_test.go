package arena

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// flight is what Move reads and writes of a ship, as a browser names it.
type flight struct {
	X      float32 `json:"x"`
	Y      float32 `json:"y"`
	Angle  float32 `json:"angle"`
	VX     float32 `json:"vx"`
	VY     float32 `json:"vy"`
	Thrust bool    `json:"thrust"`
}

func flightOf(s *Ship) flight { return flight{s.X, s.Y, s.Angle, s.VX, s.VY, s.Thrust} }

type steering struct {
	Turn   int8 `json:"turn"`
	Thrust bool `json:"thrust"`
}

type moveVector struct {
	Before flight   `json:"before"`
	Input  steering `json:"input"`
	After  flight   `json:"after"`
}

// airfield is a game in which ships fly and nothing else happens.
type airfield struct {
	Ships  sim.Table[Ship]
	Inputs sim.Inputs[Input]
}

func (f *airfield) Join(*sim.World, *sim.Player)  { f.Ships.Spawn() }
func (f *airfield) Leave(*sim.World, *sim.Player) {}
func (f *airfield) Step(w *sim.World) {
	for _, s := range f.Ships.All() {
		Move(s, f.Inputs.Of(w.Player(0)), w.Env())
	}
}

// TestMoveGivesTheGoldenVectors writes or compares what a browser must predict for the
// same ships and inputs, bit by bit: the ship after Move and after the engine has put its
// predicted fields on their grid. client-js replays the file.
func TestMoveGivesTheGoldenVectors(t *testing.T) {
	g, err := sim.Define[airfield](sim.Config{Name: "airfield", TickRate: tickRate}).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.Join(sim.PlayerInfo{})
	_, s := func() (id sim.ID, s *Ship) {
		for id, s = range g.Game().(*airfield).Ships.All() {
		}
		return id, s
	}()
	rng := rand.New(rand.NewPCG(7, 7))
	var text strings.Builder
	bounced, fast := 0, 0
	for n := range 800 {
		in := randomInput(rng)
		if n%20 == 0 {
			*s = randomShip(rng)
			switch n / 20 % 4 {
			case 1: // into a corner
				s.X, s.Y, s.VX, s.VY = 60, Size-60, -s.X/15, s.Y/15
			case 2: // too fast
				s.VX, s.VY = 300, 300
			case 3: // at the limit
				s.VX, s.VY = 380*sim.Cos(s.Angle), 380*sim.Sin(s.Angle)
			}
			g.Step() // puts the ship on the grid
		}
		if n/20%4 == 3 {
			in.Turn, in.Thrust = 0, true
		}
		v := moveVector{Before: flightOf(s), Input: steering{in.Turn, in.Thrust}}
		g.ApplyInput(0, payload(in))
		g.Step()
		v.After = flightOf(s)
		if turned(v.Before.VX, v.After.VX) || turned(v.Before.VY, v.After.VY) {
			bounced++
		}
		if length(v.After.VX, v.After.VY) > maxSpeed-1 {
			fast++
		}
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(map[bool]string{true: "[\n", false: ",\n"}[n == 0])
		text.Write(line)
	}
	if bounced < 10 || fast < 10 {
		t.Errorf("%d vectors at a wall and %d at full speed are too few", bounced, fast)
	}
	golden(t, "testdata/move.json", text.String()+"\n]\n")
}

// turned reports whether a speed changed its direction as only a wall can.
func turned(before, after float32) bool { return before*after < 0 && before*before > 20*20 }
