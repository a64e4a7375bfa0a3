package sim

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// show gives a mirror everything that the groups of a player hold, with R = S, as a
// client that has just received keyframes would.
func show(i *Instance, m *Mirror, seat Seat) {
	m.Begin(i.Tick())
	for _, seen := range i.Visible(seat, nil) {
		for n, p := range i.def.parts {
			showPart(i, m, n, &p, seen.Group)
		}
	}
	m.End()
}

func showPart(i *Instance, m *Mirror, n int, p *schema.Part, g Group) {
	s := i.Store(p.Table)
	var ids, slots []uint32
	for slot := range uint32(s.Cap()) {
		e := s.At(slot)
		public := !p.Owner && e.Group == g
		owned := p.Owner && e.Owner != NoSeat && Only(e.Owner) == g
		if e.Live && (public || owned) {
			ids, slots = append(ids, uint32(e.ID)), append(slots, slot)
		}
	}
	var texts []string
	columns := make([][]int32, len(p.Columns))
	for c := range columns {
		columns[c] = make([]int32, len(slots))
		s.Sample(p.Owner, c, slots, columns[c])
		if !p.Columns[c].String {
			continue
		}
		for row, slot := range slots {
			texts = append(texts, s.Text(p.Owner, c, slot))
			columns[c][row] = int32(len(texts))
		}
	}
	m.Set(n, ids, columns, func(index int32) string { return texts[index-1] })
}

func TestMirrorsShowWhatThePlayerSees(t *testing.T) {
	i, g := newArena(t)
	seatThree(i)
	m, err := i.def.NewMirror(i.def.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	m.SetSelf(0, "Ada")
	seen := m.Game().(*arena)
	rocks := 0
	for n := range 30 {
		id, r := g.Rocks.Spawn()
		r.X, r.Y = float32(n*10), float32(n*5)
		g.Rocks.MoveTo(id, r.X, r.Y)
	}
	for n := range 300 {
		feed(i, n)
		i.Step()
		if n == 100 {
			id, _ := g.Crafts.Owned(1)
			g.Crafts.SetGroup(id, Team(7)) // out of sight
		}
		show(i, m, 0)
		compareMirror(t, g, seen)
		rocks = max(rocks, seen.Rocks.Len())
		if t.Failed() {
			t.Fatalf("at tick %d", i.Tick())
		}
	}
	if seen.Crafts.Len() != 2 || rocks == 0 {
		t.Errorf("it sees %d crafts, and %d rocks at most", seen.Crafts.Len(), rocks)
	}
	if m.World().Tick() != i.Tick() || m.World().Player(0).Name != "Ada" {
		t.Error("the mirror's world is not the player's")
	}
}

// compareMirror checks the entities that the mirror of seat 0 shows against the game.
func compareMirror(t *testing.T, g, seen *arena) {
	t.Helper()
	for id, got := range seen.Crafts.All() {
		want := g.Crafts.Get(id)
		if want == nil {
			t.Errorf("craft %d is not there", id)
			continue
		}
		mine := g.Crafts.Owner(id) == 0
		if (seen.Crafts.Owner(id) == 0) != mine {
			t.Errorf("craft %d belongs to %d, the mirror says %d", id, g.Crafts.Owner(id), seen.Crafts.Owner(id))
		}
		if got.Pos != want.Pos || got.Angle != want.Angle || got.Name != want.Name || got.HP != want.HP ||
			mine && (got.VX != want.VX || got.Ammo != want.Ammo) || !mine && got.VX != 0 {
			t.Errorf("craft %d is shown as %+v, is %+v", id, *got, *want)
		}
	}
	for id, got := range seen.Rocks.All() {
		want := g.Rocks.Get(id)
		if want == nil || math.Abs(float64(got.X-want.X)) > 0.1/16 {
			t.Errorf("rock %d is shown at %g", id, got.X)
		}
	}
	if got, want := seen.Round.Get(), g.Round.Get(); got.Left != want.Left || got.Names != want.Names {
		t.Errorf("the round is shown as %+v, is %+v", *got, *want)
	}
}

func TestMirrorsForgetWhatThePlayerNoLongerOwns(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 0})
	m, err := i.def.NewMirror(i.def.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	i.Step()
	show(i, m, 0)
	id, _ := g.Crafts.Owned(0)
	seen := &m.Game().(*arena).Crafts
	if seen.Owner(id) != 0 {
		t.Error("the player's craft is not its own")
	}
	rock, _ := g.Rocks.Spawn() // a table without owner fields
	g.Rocks.SetOwner(rock, 0)
	show(i, m, 0)
	if mine, _ := m.Game().(*arena).Rocks.Owned(0); mine != rock {
		t.Errorf("the player owns rock %d, want %d", mine, rock)
	}
	g.Crafts.SetOwner(id, 1)
	show(i, m, 0)
	if seen.Owner(id) != NoSeat || seen.Len() != 1 {
		t.Errorf("a craft given away belongs to %d", seen.Owner(id))
	}
}

func TestMirrorsThinkInPayloads(t *testing.T) {
	i, _ := newArena(t)
	m, err := i.def.NewMirror(i.def.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	different := make(map[string]bool)
	for n := range 20 {
		m.SetSelf(Seat(n%4), "")
		payload := m.Think()
		if err := i.def.CheckInput(payload); err != nil {
			t.Fatal(err)
		}
		different[fmt.Sprintf("%x", payload)] = true
	}
	if len(different) < 3 {
		t.Errorf("four seats think %d different inputs", len(different))
	}
}

func TestMirrorsOfAnotherBuildMatchFieldsByName(t *testing.T) {
	i, _ := newArena(t)
	desc := &schema.Descriptor{Tables: []schema.TableType{
		{Name: "comets", Fields: []schema.Field{{Name: "x", Kind: schema.KindInt, Bits: 8}}},
		{Name: "crafts", Fields: []schema.Field{
			{Name: "hp", Kind: schema.KindInt, Bits: 64},
			{Name: "unknown", Kind: schema.KindString},
			{Name: "name", Kind: schema.KindInt, Bits: 8}, // another kind: left alone
			{Name: "slots", Kind: schema.KindUint, Bits: 8, Count: 5},
			{Name: "height", Kind: schema.KindFloat, Bits: 32},
			{Name: "pos.x", Kind: schema.KindQuantised, Min: -1, Max: 8, Step: 0.5},
		}},
	}}
	m, err := i.def.NewMirror(desc)
	if err != nil {
		t.Fatal(err)
	}
	m.Begin(5)
	row := [][]int32{{-7}, {-1}, {1}, {9}, {1}, {2}, {3}, {4}, {5}, {int32(math.Float32bits(2.5))}, {16 * 3}}
	m.Set(0, []uint32{1}, row, nil)
	m.Set(2, []uint32{44}, row, nil)
	m.Set(9, []uint32{1}, row, nil)
	m.End()
	c := m.Game().(*arena).Crafts.Get(44)
	if c == nil || c.HP != -7 || c.Slots != [3]uint16{1, 2, 3} || c.Height != 2.5 || c.Pos.X != 0.5 || c.Name != "" {
		t.Errorf("the craft is %+v", c)
	}
	m.Begin(6)
	m.End()
	if n := m.Game().(*arena).Crafts.Len(); n != 0 {
		t.Errorf("%d crafts are left after a tick without any", n)
	}
}

func TestGamesWithoutABrainHaveNoMirror(t *testing.T) {
	d := Define[watcher](plainConfig())
	if _, err := d.NewMirror(d.Descriptor()); !errors.Is(err, errNoBrain) {
		t.Errorf("error is %v", err)
	}
}

func TestMirroringAllocatesNothing(t *testing.T) {
	i, _ := newArena(t)
	m, err := i.def.NewMirror(i.def.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	ids := []uint32{3, 4, 5}
	columns := make([][]int32, len(i.def.parts[0].Columns))
	for c := range columns {
		columns[c] = make([]int32, len(ids))
	}
	text := func(int32) string { return "Ada" }
	if n := testing.AllocsPerRun(200, func() {
		m.Begin(1)
		m.Set(0, ids, columns, text)
		m.End()
		m.Think()
	}); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestPredictFieldsAreSnappedInTheSimulation(t *testing.T) {
	i, g := newArena(t)
	_, c := g.Crafts.Spawn()
	c.Pos, c.VX, c.Angle = vec{12.34567, 1e9}, -3.14159, -1
	i.Step()
	var l *leaf
	for n := range i.def.tables[0].leaves {
		l = &i.def.tables[0].leaves[n]
		if l.exact {
			before := l.float(unsafe.Pointer(c))
			if l.snap(unsafe.Pointer(c)); l.float(unsafe.Pointer(c)) != before {
				t.Errorf("%s was not snapped", i.def.tables[0].fields[l.field].Name)
			}
		}
	}
	if c.Pos != (vec{12.35, 100}) || c.VX != -3.14 {
		t.Errorf("snapped to %v and %g", c.Pos, c.VX)
	}
	if n := i.Clamped(); n != 1 {
		t.Errorf("%d values were clamped, want pos.y", n)
	}
	c.Heat = float32(math.Inf(1))
	i.Store(0).Sample(false, columnNamed(t, i, "crafts.heat"), []uint32{0}, make([]int32, 1))
	want := []ClampCount{{"crafts.pos.y", 1}, {"crafts.heat", 1}}
	if got := i.ClampCounts(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("counts are %v, want %v", got, want)
	}
}

func columnNamed(t *testing.T, i *Instance, name string) int {
	t.Helper()
	for n, c := range i.def.parts[0].Columns {
		if c.Name == name {
			return n
		}
	}
	t.Fatalf("no column %s", name)
	return 0
}
