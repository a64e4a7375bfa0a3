package sim

import (
	"math"
	"testing"
)

// fakeHistory answers with the snapshots it was given, by entity.
type fakeHistory map[ID]Drawn

func (h fakeHistory) Drawn(_ Seat, _ View, _ int, _ uint32, id ID, into *Drawn) bool {
	d, ok := h[id]
	if !ok {
		return false
	}
	for _, s := range []struct{ to, from *Snapshot }{{&into.Prior, &d.Prior}, {&into.Before, &d.Before}, {&into.After, &d.After}} {
		s.to.Known, s.to.Tick = s.from.Known, s.from.Tick
		copy(s.to.R, s.from.R)
	}
	return true
}

// buoy has a smooth field of every kind, and fields that step.
type buoy struct {
	X    float32    `sync:"min=-1000,max=1000,step=0.5,lerp"`
	P    float32    `sync:"min=-1000,max=1000,step=0.5,predict,lerp"`
	Dir  float32    `sync:"angle,bits=10,lerp"`
	Roll [4]float32 `sync:"quat,step=0.001,lerp"`
	N    int16      `sync:"lerp"`
	Raw  float32    `sync:"lerp"`
	Far  int32      `sync:"min=0,max=6400,lerp"`
	Y    float32    `sync:"min=-1000,max=1000,step=0.5"`
	HP   uint8      `sync:""`
	Name string     `sync:"max=8"`
	Ammo int16      `sync:"owner"`

	seen int
}

type sea struct {
	Buoys Table[buoy]
	In    Inputs[controls]
}

func (*sea) Join(*World, *Player)  {}
func (*sea) Leave(*World, *Player) {}
func (*sea) Step(*World)           {}

// afloat returns a game at tick 100 with a player who drew tick 96 and a half, and an
// entity of nobody's.
func afloat(t testing.TB) (*Instance, *sea, ID) {
	t.Helper()
	i, err := Define[sea](Config{Name: "sea"}).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	i.world.tick = 100
	i.Join(PlayerInfo{Seat: 2})
	i.SetView(2, View{Tick: 96, Part: 128, Newest: 99, Had: 0xFF})
	g := i.Game().(*sea)
	id, b := g.Buoys.Spawn()
	b.Name, b.Ammo, b.seen = "now", 7, 9
	return i, g, id
}

// told samples an entity as a room would publish it.
func told(i *Instance, tick uint32, b buoy) Snapshot {
	s := i.stores[0]
	slot := s.spawn(s.nextID())
	*(*buoy)(s.at(slot)) = b
	r := make([]int32, len(s.plan.public))
	for c := range r {
		s.Sample(false, c, []uint32{slot}, r[c:c+1])
	}
	s.despawn(slot)
	return Snapshot{Known: true, Tick: tick, R: r}
}

func TestEntitiesOfThePastAreDrawnBetweenTwoSnapshots(t *testing.T) {
	i, g, id := afloat(t)
	half := float32(math.Sqrt(0.5))
	before := buoy{X: 10, P: 20, Dir: 6.2, Roll: [4]float32{0, 0, 0, 1}, N: 5, Raw: 1, Far: 3, Y: 7, HP: 50, Name: "then"}
	after := buoy{X: 14, P: 24, Dir: 0.1, Roll: [4]float32{half, 0, 0, half}, N: 9, Raw: 2, Far: 5, Y: 9, HP: 40}
	i.SetHistory(fakeHistory{id: {Before: told(i, 96, before), After: told(i, 98, after)}})
	b, ok := g.Buoys.In(i.world.Rewind(2), id)
	if !ok {
		t.Fatal("not in the past")
	}
	near := func(name string, got, want, off float64) {
		if math.Abs(got-want) > off {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	near("x", float64(b.X), 11, 0.3)
	near("p", float64(b.P), 21, 1e-5)
	near("dir", float64(b.Dir), 6.2+(2*math.Pi+0.1-6.2)/4, 0.01)
	near("n", float64(b.N), 6, 0)
	near("raw", float64(b.Raw), 1.25, 1e-6)
	near("far", float64(b.Far), 4, 0)
	near("y", float64(b.Y), 7, 0.3)
	near("hp", float64(b.HP), 50, 0)
	near("roll", float64(b.Roll[0]), 0.1848, 0.01) // a quarter along the chord, at unit length
	length := 0.0
	for _, x := range b.Roll {
		length += float64(x) * float64(x)
	}
	near("roll's length", length, 1, 1e-6)
	if b.Name != "now" || b.Ammo != 7 || b.seen != 9 {
		t.Errorf("what clients do not get, and texts, are %q %d %d; want those of now", b.Name, b.Ammo, b.seen)
	}
	if past := i.world.Rewind(2); math.Abs(float64(past.Back())-3.5*0.05) > 1e-6 {
		t.Errorf("%v seconds back", past.Back())
	}
}

func TestWhatJumpedIsNotDrawnOnItsWay(t *testing.T) {
	i, g, id := afloat(t)
	x := func(d Drawn) float32 {
		i.SetHistory(fakeHistory{id: d})
		b, _ := g.Buoys.In(i.world.Rewind(2), id)
		return b.X
	}
	at := func(tick uint32, x float32) Snapshot { return told(i, tick, buoy{X: x}) }
	if got := x(Drawn{Before: at(96, 0), After: at(98, 60)}); got != 15 {
		t.Errorf("a motion of 30 a tick in a range of 2,000 is at %v, want 15", got)
	}
	if got := x(Drawn{Before: at(96, 0), After: at(98, 64)}); got != 0 {
		t.Errorf("a jump of 32 a tick is at %v, want 0", got)
	}
	if got := x(Drawn{Prior: at(94, -40), Before: at(96, 0), After: at(98, 64)}); got != 16 {
		t.Errorf("what moved 20 a tick before is at %v, want 16", got)
	}
}

func TestMotionIsCarriedOnForAWhile(t *testing.T) {
	i, g, id := afloat(t)
	i.SetView(2, View{Tick: 99, Newest: 99, Had: 0xFF})
	for _, tt := range []struct {
		prior, before uint32
		want          float32
	}{
		{97, 98, 20 + 10},         // one tick later
		{94, 95, 20 + 20},         // four later: 100 ms of it
		{88, 92, 20 + 4*10/4},     // what comes every fourth time: until the next
		{80, 90, 20 + 4*10.0/10},  // what came more seldom: no longer
		{80, 120, 20 + 0*10.0/10}, // not yet
	} {
		i.SetHistory(fakeHistory{id: {Prior: told(i, tt.prior, buoy{X: 10}), Before: told(i, tt.before, buoy{X: 20})}})
		if b, _ := g.Buoys.In(i.world.Rewind(2), id); b.X != tt.want {
			t.Errorf("snapshots of %d and %d: %v at tick 99, want %v", tt.prior, tt.before, b.X, tt.want)
		}
	}
}

func TestThePresentIsThePastOfWhoDrewNothing(t *testing.T) {
	i, g, id := afloat(t)
	i.Join(PlayerInfo{Seat: 3, Bot: true})
	now := *g.Buoys.Get(id)
	check := func(name string, past Past) {
		t.Helper()
		if b, ok := g.Buoys.In(past, id); !ok || b != now || past.Back() != 0 {
			t.Errorf("%s: %v %+v %v back, want the present", name, ok, b, past.Back())
		}
	}
	check("without a room", i.world.Rewind(2))
	i.SetHistory(fakeHistory{})
	check("a player without a view", i.world.Rewind(3))
	check("an empty seat", i.world.Rewind(5))
	if _, ok := g.Buoys.In(i.world.Rewind(2), id); ok {
		t.Error("what the client never had was drawn")
	}
	g.Buoys.SetOwner(id, 2)
	if b, ok := g.Buoys.In(i.world.Rewind(2), id); !ok || b != now {
		t.Errorf("the player's own entity: %v %+v, want that of now", ok, b)
	}
	if _, ok := g.Buoys.In(i.world.Rewind(2), 99); ok {
		t.Error("an entity that is gone is in the past")
	}
}

func TestAllInYieldsWhatWasDrawnAndAllocatesNothing(t *testing.T) {
	i, g, first := afloat(t)
	history := fakeHistory{first: {Before: told(i, 95, buoy{HP: 1}), After: told(i, 97, buoy{HP: 2})}}
	for n := range 50 {
		id, _ := g.Buoys.Spawn()
		if n%2 == 0 {
			history[id] = history[first]
		}
	}
	i.SetHistory(history)
	sum := 0
	if n := testing.AllocsPerRun(50, func() {
		sum = 0
		for _, b := range g.Buoys.AllIn(i.world.Rewind(2)) {
			sum += int(b.HP)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if sum != 26 {
		t.Errorf("%d, want 26 buoys with one hp", sum)
	}
	for range g.Buoys.AllIn(i.world.Rewind(2)) {
		return
	}
	t.Error("nothing was yielded")
}

func TestViewsArePartOfHashesAndCheckpoints(t *testing.T) {
	i, _, _ := afloat(t)
	was := i.Hash()
	i.SetView(2, View{Tick: 97, Part: 3, Newest: 98, Had: 1<<63 | 5})
	if i.Hash() == was {
		t.Error("another view, and the same hash")
	}
	j, err := i.def.Restore(i.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := j.world.Player(2).view; got != i.world.Player(2).view || j.Hash() != i.Hash() {
		t.Errorf("restored as %+v", got)
	}
}
