package room

import (
	"github.com/roomtick/roomtick/sim"
)

// pond is a game that uses every way of the engine: public and owner fields, texts,
// cells, teams, private groups, spawns and despawns, events both ways.
type pond struct {
	Fish   sim.Table[fish]
	Bait   sim.Table[bait]
	Score  sim.Single[score]
	Inputs sim.Inputs[paddle]
	Splash sim.Event[splash]
	Secret sim.Event[secretWord]
	Say    sim.ClientEvent[say]

	Jumps [16]uint32 // edge inputs seen, per seat
	Heard [16]uint32 // client events seen, per seat
	Order bool       // false once an event came out of order
}

type fish struct {
	X      float32    `sync:"min=0,max=1000,step=0.05,predict,lerp"`
	Y      float32    `sync:"min=0,max=1000,step=0.05,tolerance=0.05"`
	Dir    float32    `sync:"angle,bits=10"`
	Speed  float32    `sync:"min=-50,max=50,step=0.01,predict,owner"`
	Spots  [2]uint8   `sync:""`
	Name   string     `sync:"once"`
	Mood   string     `sync:"max=16"`
	Hunger int16      `sync:"owner"`
	Born   uint64     `sync:""`
	Roll   [4]float32 `sync:"quat,step=0.01"`
}

type bait struct {
	X float32 `sync:"min=0,max=1000,step=0.5"`
	Y float32 `sync:"min=0,max=1000,step=0.5"`
}

type score struct {
	Eaten uint32 `sync:""`
	Best  string `sync:""`
}

type paddle struct {
	Turn int8
	Jump bool `sync:"edge"`
}

type splash struct {
	N uint32
}

type secretWord struct {
	Seat uint16
}

type say struct {
	N uint32
}

var pondGame = sim.Define[pond](sim.Config{
	Name: "pond", TickRate: 20, MaxPlayers: 16, CellSize: 100, ViewWidth: 200, ViewHeight: 200, RingWidth: 100,
})

var moods = []string{"", "calm", "angry", "hungry", "asleep", "in love"}

func (g *pond) Create(w *sim.World, _ []byte) error {
	g.Order = true
	for range 12 {
		g.spawnFish(w, sim.NoSeat, "wild")
	}
	return nil
}

func (g *pond) spawnFish(w *sim.World, owner sim.Seat, name string) {
	id, f := g.Fish.Spawn()
	f.X, f.Y = w.Rand().Range(0, 1000), w.Rand().Range(0, 1000)
	f.Dir, f.Name, f.Born = w.Rand().Range(0, 6), name, uint64(w.Tick())<<40|uint64(id)
	f.Roll = [4]float32{0, 0, 0, 1}
	g.Fish.SetOwner(id, owner)
	g.Fish.MoveTo(id, f.X, f.Y)
}

func (g *pond) Join(w *sim.World, p *sim.Player) {
	g.Heard[p.Seat], g.Jumps[p.Seat] = 0, 0
	g.spawnFish(w, p.Seat, p.Name)
}

func (g *pond) Leave(_ *sim.World, p *sim.Player) {
	for id := range g.Fish.All() {
		if g.Fish.Owner(id) == p.Seat {
			g.Fish.Despawn(id)
		}
	}
}

func (g *pond) Think(w *sim.World, _ *sim.Player) paddle {
	return paddle{Turn: int8(w.Rand().IntN(3)) - 1}
}

func (g *pond) Step(w *sim.World) {
	rng := w.Rand()
	for p, s := range g.Say.All() {
		g.Heard[p.Seat]++
		g.Order = g.Order && s.N == g.Heard[p.Seat]
	}
	for id, f := range g.Fish.All() {
		g.swim(w, f)
		g.Fish.MoveTo(id, f.X, f.Y)
		switch rng.IntN(100) {
		case 0:
			f.Mood = moods[rng.IntN(len(moods))]
		case 1:
			g.Fish.SetGroup(id, sim.Team(uint32(rng.IntN(2))))
		case 2:
			if g.Fish.Owner(id) == sim.NoSeat {
				g.Fish.Despawn(id)
				g.spawnFish(w, sim.NoSeat, "young")
			}
		case 3:
			b, bait := g.Bait.Spawn()
			bait.X, bait.Y = f.X, f.Y
			g.Bait.MoveTo(b, f.X, f.Y)
		}
	}
	for id := range g.Bait.All() {
		if rng.IntN(20) == 0 {
			g.Bait.Despawn(id)
			g.Score.Get().Eaten++
			g.Splash.Send(sim.Everyone, splash{N: g.Score.Get().Eaten})
		}
	}
	g.look(w)
}

func (g *pond) swim(w *sim.World, f *fish) {
	rng := w.Rand()
	f.Speed = max(-50, min(50, f.Speed+rng.Range(-1, 1)))
	f.Dir = sim.WrapAngle(f.Dir + rng.Range(-0.1, 0.1))
	f.X = max(0, min(1000, f.X+f.Speed*sim.Cos(f.Dir)*w.DT()))
	f.Y = max(0, min(1000, f.Y+f.Speed*sim.Sin(f.Dir)*w.DT()))
	half := rng.Range(0, 3)
	f.Roll = [4]float32{sim.Sin(half), 0, 0, sim.Cos(half)}
	f.Spots[rng.IntN(2)] += uint8(rng.IntN(2))
	f.Hunger++
}

func (g *pond) look(w *sim.World) {
	for p := range w.Players() {
		if g.Inputs.Of(p).Jump {
			g.Jumps[p.Seat]++
		}
		if _, f := g.Fish.Owned(p.Seat); f != nil {
			p.Look(f.X, f.Y)
		}
		p.SetTeam(uint32(p.Seat % 2))
		if w.Rand().IntN(30) == 0 {
			g.Secret.SendTo(p, secretWord{Seat: uint16(p.Seat)})
		}
	}
}
