package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// plain is a game of things of every size on a grid with rings.
type plain struct {
	Things Table[thing]
	In     Inputs[struct{}]
}

type thing struct {
	X, Y, Radius float32
}

func (*plain) Join(*World, *Player)  {}
func (*plain) Leave(*World, *Player) {}
func (*plain) Step(*World)           {}

var plainGame = Define[plain](Config{
	Name: "plain", CellSize: 100, ViewWidth: 300, ViewHeight: 200, RingWidth: 150,
})

func newPlain(t testing.TB) (*Instance, *plain) {
	t.Helper()
	i, err := plainGame.New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	i.Join(PlayerInfo{Seat: 0})
	return i, i.Game().(*plain)
}

// rates is how often a player sees each group; 0 is not at all.
func rates(i *Instance, s Seat) map[Group]uint8 {
	all := make(map[Group]uint8)
	for _, seen := range i.Visible(s, nil) {
		all[seen.Group] = seen.Every
	}
	return all
}

// gap is how far, along an axis, a thing is from a view of 2 half around the centre.
func gap(v, radius, centre, half float32) float32 {
	return max(v-radius-(centre+half), centre-half-(v+radius), 0)
}

// Whatever moves how, a player sees everything whose circle touches its view, and the
// grid agrees with a scan of all things as to what is near at all.
func TestTheGridShowsWhatALinearScanDoes(t *testing.T) {
	r := seeded(t, 31)
	i, g := newPlain(t)
	p := i.World().Player(0)
	ids := scatter(r, g, 300)
	x, y := float32(0), float32(0)
	for range 400 {
		x, y = x+r.Float32()*40-20, y+r.Float32()*40-20
		p.Look(x, y)
		for _, id := range ids {
			at := g.Things.Get(id)
			at.X, at.Y = at.X+r.Float32()*10-5, at.Y+r.Float32()*10-5
			g.Things.MoveSized(id, at.X, at.Y, at.Radius)
		}
		seen := rates(i, 0)
		for id, at := range g.Things.All() {
			checkThing(t, at, x, y, seen[g.Things.Group(id)], g.Things.Group(id))
		}
	}
}

func scatter(r *rand.Rand, g *plain, n int) (ids []ID) {
	for k := range n {
		id, at := g.Things.Spawn()
		*at = thing{X: r.Float32()*2000 - 1000, Y: r.Float32()*2000 - 1000}
		switch k % 10 {
		case 0:
			at.Radius = 90
		case 1:
			at.Radius = 350
		case 2:
			at.Radius = 1500
		}
		ids = append(ids, id)
	}
	return ids
}

func checkThing(t *testing.T, at *thing, x, y float32, every uint8, g Group) {
	t.Helper()
	if g == Everyone {
		t.Fatalf("%+v is in no cell", *at)
	}
	away := max(gap(at.X, at.Radius, x, 150), gap(at.Y, at.Radius, y, 100))
	level, _, _ := g.cell()
	grid := newGrid(&plainGame.cfg)
	near := grid.sizeOf(level) + 2*grid.reachOf(level) + 4*grid.slack // a cell, and all that widens the area
	switch {
	case away == 0 && every != 1:
		t.Fatalf("%+v in %v touches the view at %g, %g and is seen every %d", *at, g, x, y, every)
	case away <= 150 && (every == 0 || every > 2):
		t.Fatalf("%+v in %v is in the first ring around %g, %g and is seen every %d", *at, g, x, y, every)
	case away <= 300 && every == 0:
		t.Fatalf("%+v in %v is in the second ring around %g, %g and is not seen", *at, g, x, y)
	case away > 300+near && every != 0:
		t.Fatalf("%+v in %v is %g away from the view at %g, %g and seen", *at, g, away, x, y)
	case away > near && every == 1:
		t.Fatalf("%+v in %v is %g away from the view at %g, %g and seen at full rate", *at, g, away, x, y)
	}
}

func TestMovingToAndFroAtABorderChangesNothing(t *testing.T) {
	i, g := newPlain(t)
	p := i.World().Player(0)
	id, _ := g.Things.Spawn()
	g.Things.MoveTo(id, 99, 50)
	p.Look(46, 50)
	store := i.Store(0)
	store.ClearDirty()
	views := i.Views(0)
	for n := range 100 {
		step := float32(n%2)*12 - 6
		g.Things.MoveTo(id, 100+step, 50)
		p.Look(50+step, 50+step)
	}
	if len(store.Dirty()) != 0 || g.Things.Group(id) != Cell(0, 0) {
		t.Errorf("the thing went to %v", g.Things.Group(id))
	}
	if i.Views(0) > views+1<<8 { // the first of the steps may be one
		t.Errorf("the view changed %d times", (i.Views(0)-views)>>8)
	}
	g.Things.MoveTo(id, 107, 50)
	if g.Things.Group(id) != Cell(1, 0) {
		t.Errorf("far beyond the border it is in %v", g.Things.Group(id))
	}
}

func TestAPlayersOwnViewIsWiderOrSmaller(t *testing.T) {
	i, _ := newPlain(t)
	p := i.World().Player(0)
	p.Look(50, 50)
	count := func() int { return len(i.Visible(0, nil)) }
	usual := count()
	p.View(30, 30)
	if small := count(); small >= usual {
		t.Errorf("a view of 30 by 30 shows %d groups, one of 300 by 200 %d", small, usual)
	}
	p.View(3000, 10)
	if seen := rates(i, 0); seen[Cell(14, 0)] != 1 || seen[Cell(0, 6)] != 0 {
		t.Error("a view of 3000 by 10 is not as wide as that")
	}
	p.View(1e30, 1e30)
	if n := count(); n > 1100 || n < 100 {
		t.Errorf("a view without end shows %d groups", n)
	}
	p.View(0, 0)
	if count() != usual {
		t.Error("the game's view is not back")
	}
}

func TestPositionsThatAreNoNumbersAreIgnored(t *testing.T) {
	i, g := newPlain(t)
	nan := float32(0)
	nan /= nan
	p := i.World().Player(0)
	p.Look(nan, 0)
	if len(i.Visible(0, nil)) != 2 {
		t.Error("a player looks at no number")
	}
	p.Look(50, 50)
	before := i.Visible(0, nil)
	p.Look(nan, 1/nan)
	p.View(nan, 5)
	id, _ := g.Things.Spawn()
	g.Things.MoveTo(id, 10, 10)
	g.Things.MoveTo(id, nan, 0)
	if !slices.Equal(i.Visible(0, nil), before) || g.Things.Group(id) != Cell(0, 0) {
		t.Error("no number moved something")
	}
	g.Things.MoveSized(id, 10, 10, nan)
	if g.Things.Group(id) != Everyone {
		t.Error("what has no size is hidden from somebody")
	}
}

func TestARestoredGameSeesTheSame(t *testing.T) {
	i, g := newPlain(t)
	p := i.World().Player(0)
	scatter(seeded(t, 32), g, 50)
	for id, at := range g.Things.All() {
		g.Things.MoveSized(id, at.X, at.Y, at.Radius)
	}
	p.View(500, 700)
	for n := range 20 {
		p.Look(float32(n)*7, 3)
	}
	i.Step()
	again, err := plainGame.Restore(i.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Visible(0, nil), i.Visible(0, nil); !slices.Equal(got, want) || len(got) < 20 {
		t.Errorf("sees %d groups, %d before", len(got), len(want))
	}
}

func TestViewsChangeWithEverythingThatIsSeen(t *testing.T) {
	i, g := newPlain(t)
	p := i.World().Player(0)
	id, _ := g.Things.Spawn()
	last := i.Views(0)
	for n, change := range []func(){
		func() { p.Look(0, 0) }, func() { p.Look(500, 0) }, func() { p.View(900, 900) },
		func() { p.SetTeam(1) }, func() { p.SetTeam(2) }, p.LeaveTeam,
		func() { p.Show(Custom(1)) }, func() { p.Hide(Custom(1)) },
		func() { g.Things.MoveSized(id, 0, 0, 300) },
	} {
		change()
		if i.Views(0) == last {
			t.Errorf("change %d goes unnoticed", n)
		}
		last = i.Views(0)
		if change(); n != 1 && n != 6 && n != 7 && i.Views(0) != last {
			t.Errorf("change %d, made again, is taken for one", n)
		}
		last = i.Views(0)
	}
	if i.Views(1) != 0 {
		t.Error("an empty seat has views")
	}
}

// fog is a game in which a player sees the others' units only near its own.
type fog struct {
	Units Table[unit]
	In    Inputs[struct{}]
}

type unit struct {
	X float32 `sync:"min=0,max=100,step=1"`
}

func (g *fog) Join(_ *World, p *Player) {
	id, u := g.Units.Spawn()
	u.X = float32(p.Seat) * 30
	g.Units.SetOwner(id, p.Seat)
	g.Units.SetGroup(id, Custom(uint32(id)))
}
func (*fog) Leave(*World, *Player) {}
func (g *fog) Step(*World) {
	for _, u := range g.Units.All() {
		u.X -= 0.25 * u.X
	}
}

// Visible shows a player the units within 10 of its own.
func (g *fog) Visible(_ *World, p *Player) {
	_, own := g.Units.Owned(p.Seat)
	for id, u := range g.Units.All() {
		if d := u.X - own.X; d*d <= 100 {
			p.Show(Custom(uint32(id)))
		} else {
			p.Hide(Custom(uint32(id)))
		}
	}
}

func TestAGameDecidesAfterEveryStepWhoSeesWhat(t *testing.T) {
	i, err := Define[fog](Config{Name: "fog"}).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	i.Join(PlayerInfo{Seat: 0})
	i.Join(PlayerInfo{Seat: 1})
	i.Step()
	if rates(i, 0)[Custom(1)] != 1 || rates(i, 0)[Custom(2)] != 0 {
		t.Error("at first not only the own unit is seen")
	}
	for range 10 {
		i.Step()
	}
	if rates(i, 0)[Custom(2)] != 1 || rates(i, 1)[Custom(1)] != 1 {
		t.Error("units that have come near are not seen")
	}
}

func BenchmarkLook(b *testing.B) {
	i, _ := newPlain(b)
	p := i.World().Player(0)
	seen := make([]Sight, 0, 64)
	x := float32(0)
	for b.Loop() {
		x += 3
		p.Look(x, x)
		seen = i.Visible(0, seen[:0])
	}
	b.ReportMetric(float64(len(seen)), "groups")
}
