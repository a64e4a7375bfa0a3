package sim

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// compareGolden compares got with a file of testdata, or writes it with -update.
func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-file +now); run go test ./sim -update if that is meant:\n%s", path, diff)
	}
}

// seeded returns a source of random tests and prints its seed.
func seeded(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// phase is an enum.
type phase uint8

type vec struct{ X, Y float32 }

// hull is embedded, so its fields are promoted.
type hull struct {
	Armour uint8 `sync:"min=0,max=9"`
}

// craft has a field of every kind.
type craft struct {
	hull
	Pos    vec        `sync:"min=-100,max=100,step=0.05,predict,lerp"`
	Angle  float32    `sync:"angle,bits=10,predict,lerp"`
	VX     float32    `sync:"min=-40,max=40,step=0.01,predict,owner"`
	Height float64    `sync:"min=0,max=1000,step=0.5,tolerance=0.75"`
	Look   float32    `sync:"angle,bits=8"`
	Spin   [4]float32 `sync:"quat,step=0.002"`
	HP     int16      `sync:""`
	Score  int64      `sync:""`
	Mass   float64    `sync:""`
	Heat   float32    `sync:""`
	Mode   phase      `sync:""`
	On     bool       `sync:""`
	Slots  [3]uint16  `sync:""`
	Name   string     `sync:"once,max=12"`
	Ammo   int16      `sync:"owner"`

	reload  int
	history [2]vec
	note    string
}

type round struct {
	Phase phase     `sync:""`
	Names [2]string `sync:"max=8"`
	Left  float32   `sync:"min=0,max=60,step=0.1"`
}

type controls struct {
	Turn   int8    `sync:"min=-1,max=1"`
	Thrust float32 `sync:"min=0,max=1,step=0.125"`
	Aim    float32 `sync:"angle,bits=8"`
	Fire   bool    `sync:"edge"`
	Weapon uint8   `sync:"edge"`
	Held   bool
}

type blast struct {
	At    vec
	Power float32 `sync:"min=0,max=10,step=0.5"`
	By    ID
}

type chat struct {
	To   Seat
	Text string `sync:"max=20"`
}

// arena is the game of most tests.
type arena struct {
	Crafts   Table[craft]
	Rocks    Table[rock]
	Round    Single[round]
	Controls Inputs[controls]
	Blasts   Event[blast] `sync:"timed"`
	Chat     ClientEvent[chat]
	Told     Event[chat]

	wave   int
	grid   [4][2]cellState
	log    string
	joined [8]bool
	extra  map[string]int // not plain: the Saver answers for it
}

type cellState struct {
	Owner Seat
	Heat  float32
}

type rock struct {
	X, Y  float32 `sync:"min=0,max=800,step=0.1"`
	drift float32
}

func (g *arena) Save() []byte { return []byte{byte(g.extra["spins"])} }

func (g *arena) Load(state []byte) error {
	if len(state) != 1 {
		return errors.New("want one byte")
	}
	g.extra = map[string]int{"spins": int(state[0])}
	return nil
}

func (g *arena) Create(_ *World, _ []byte) error {
	g.extra = make(map[string]int)
	return nil
}

func (g *arena) Join(w *World, p *Player) {
	id, c := g.Crafts.Spawn()
	g.Crafts.SetOwner(id, p.Seat)
	c.Name, c.HP = p.Name, 100
	c.Pos = vec{w.Rand().Range(-90, 90), w.Rand().Range(-90, 90)}
	g.joined[p.Seat%8] = true
}

func (g *arena) Leave(_ *World, p *Player) {
	if id, c := g.Crafts.Owned(p.Seat); c != nil {
		g.Crafts.Despawn(id)
	}
}

func (g *arena) Think(w *World, _ *Player) controls {
	return controls{Turn: int8(w.Rand().IntN(3)) - 1, Thrust: w.Rand().Float32(), Fire: w.Rand().IntN(4) == 0}
}

func (g *arena) Step(w *World) {
	for p := range w.Players() {
		g.fly(w, p)
	}
	for p, line := range g.Chat.All() {
		g.log = line.Text
		g.Told.SendTo(p, line)
	}
	if w.Tick()%5 == 0 {
		g.wave++
		id, r := g.Rocks.Spawn()
		r.X, r.Y, r.drift = w.Rand().Range(0, 800), w.Rand().Range(0, 800), w.Rand().Float32()
		g.Rocks.MoveTo(id, r.X, r.Y)
	}
	for id, r := range g.Rocks.All() {
		r.X += r.drift
		if w.Rand().IntN(20) == 0 {
			g.Rocks.Despawn(id)
		}
	}
	g.extra["spins"] = int(w.Tick() % 7)
	g.Round.Get().Left = float32(w.Tick()%600) / 10
}

func (g *arena) fly(w *World, p *Player) {
	in := g.Controls.Of(p)
	id, c := g.Crafts.Owned(p.Seat)
	if c == nil {
		return
	}
	c.Angle += float32(in.Turn) * 0.1
	c.VX += in.Thrust * Cos(c.Angle) * w.DT()
	c.Pos.X += c.VX * w.DT()
	c.reload++
	p.Look(c.Pos.X, c.Pos.Y)
	if in.Fire {
		g.Blasts.Send(g.Crafts.Group(id), blast{At: c.Pos, Power: 3, By: id})
		g.grid[int(id)%4][1].Heat += 0.25
	}
}

func testConfig() Config {
	return Config{Name: "arena", TickRate: 20, MaxPlayers: 8, CellSize: 100, ViewWidth: 200, ViewHeight: 120}
}

func newArena(t testing.TB) (*Instance, *arena) {
	t.Helper()
	i, err := Define[arena](testConfig()).New(7, nil)
	if err != nil {
		t.Fatal(err)
	}
	return i, i.Game().(*arena)
}
