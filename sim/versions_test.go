package sim

import (
	"math"
	"testing"
)

// The two builds of one game: fields come, go, move and change their width.
type shipV1 struct {
	X, Y   float32 `sync:"min=0,max=80,step=0.5"`
	HP     uint8   `sync:""`
	Gone   string  `sync:""`
	fuel   int16
	slots  [4]int8
	spots  [3]vec
	scores [2]float64
}

type shipV2 struct {
	Added  int32   `sync:""`
	HP     int32   `sync:""`
	Y      float64 `sync:"min=0,max=80,step=0.5"`
	X      float32 `sync:"min=0,max=80,step=0.5"`
	fuel   int8
	slots  [2]int16
	spots  [5]vec
	scores [2]uint8
}

type gameV1 struct {
	Old    Table[rock]
	Ships  Table[shipV1]
	State  Single[shipV1]
	In     Inputs[inputV1]
	wave   int
	rounds float32
}

type gameV2 struct {
	State  Single[shipV2]
	In     Inputs[inputV2]
	Fresh  Table[rock]
	Ships  Table[shipV2]
	Only   Single[rock]
	rounds int16
	wave   uint8
}

type inputV1 struct{ Turn, Gone int8 }
type inputV2 struct {
	More float32
	Turn int32
}

func (*gameV1) Join(*World, *Player)  {}
func (*gameV1) Leave(*World, *Player) {}
func (*gameV1) Step(*World)           {}
func (*gameV2) Join(*World, *Player)  {}
func (*gameV2) Leave(*World, *Player) {}
func (*gameV2) Step(*World)           {}

func TestANewBuildReadsAnOldCheckpointByFieldName(t *testing.T) {
	old, err := Define[gameV1](plainConfig()).New(5, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := old.Game().(*gameV1)
	g.wave, g.rounds = 700, 12.75
	g.Old.Spawn()
	old.Join(PlayerInfo{Seat: 3, Name: "Ada"})
	input := inputV1{Turn: -4, Gone: 9}
	*(*inputV1)(old.input.at(3)) = input
	first, _ := g.Ships.Spawn()
	id, s := g.Ships.Spawn()
	g.Ships.Despawn(first)
	g.Ships.SetOwner(id, 3)
	g.Ships.SetGroup(id, Team(1))
	*s = shipV1{
		X: 1.5, Y: 2.25, HP: 200, Gone: "bye", fuel: -300, slots: [4]int8{1, -2, 3, 4},
		spots: [3]vec{{1, 2}, {3, 4}, {5, 6}}, scores: [2]float64{math.NaN(), 1e9},
	}
	g.State.Get().X = 7

	now := Define[gameV2](plainConfig())
	i, err := now.Restore(old.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	n := i.Game().(*gameV2)
	if n.wave != 255 || n.rounds != 12 || n.Fresh.Len() != 0 || n.State.Get().X != 7 || n.Only.Get().X != 0 {
		t.Errorf("the game is %+v", n)
	}
	want := shipV2{
		HP: 200, Y: 2.25, X: 1.5, fuel: -128, slots: [2]int16{1, -2},
		spots: [5]vec{{1, 2}, {3, 4}, {5, 6}}, scores: [2]uint8{0, 255},
	}
	if got := n.Ships.Get(id); got == nil || *got != want {
		t.Errorf("the ship is %+v, want %+v", got, want)
	}
	if n.Ships.Len() != 1 || n.Ships.Owner(id) != 3 || n.Ships.Group(id) != Team(1) {
		t.Error("the ship's owner or group is lost")
	}
	if next, _ := n.Ships.Spawn(); next != id+1 {
		t.Errorf("the next id is %d, want %d", next, id+1)
	}
	if got := n.In.Of(i.World().Player(3)); got != (inputV2{Turn: -4}) {
		t.Errorf("the input is %+v", got)
	}

	// And the old build reads the new one's.
	back, err := Define[gameV1](plainConfig()).Restore(i.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := back.Game().(*gameV1).Ships.Get(id); got.X != 1.5 || got.slots != [4]int8{1, -2} || got.HP != 200 {
		t.Errorf("back in the old build the ship is %+v", got)
	}
}

func TestNumbersThatDoNotFitBecomeTheNearestThatDoes(t *testing.T) {
	for _, c := range []struct {
		to   cellCode
		v    uint64
		from cellCode
		want int64
	}{
		{cellInt8, 300, cellInt32, 127},
		{cellInt8, uint64(1<<64 - 300), cellInt32, -128},
		{cellUint8, uint64(1<<64 - 1), cellInt64, 0},
		{cellUint8, 300, cellUint16, 255},
		{cellInt64, math.MaxUint64, cellUint64, math.MaxInt64},
		{cellUint64, math.MaxUint64, cellUint32, -1},
		{cellInt16, math.Float64bits(-1e30), cellFloat64, math.MinInt16},
		{cellUint32, math.Float64bits(1e30), cellFloat64, math.MaxUint32},
		{cellInt32, math.Float64bits(math.Inf(1)), cellFloat64, math.MaxInt32},
		{cellInt32, uint64(math.Float32bits(-2.9)), cellFloat32, -2},
		{cellInt32, math.Float64bits(math.NaN()), cellFloat64, 0},
	} {
		cell := cell{code: c.to}
		if got := cell.fit(c.v, c.from); got != c.want {
			t.Errorf("%#x of kind %d in kind %d is %d, want %d", c.v, c.from, c.to, got, c.want)
		}
	}
}
