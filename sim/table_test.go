package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func newRocks(t *testing.T) (*Table[rock], *Store) {
	t.Helper()
	i, g := newArena(t)
	return &g.Rocks, i.Store(1)
}

func TestPointersStayValidWhileTheTableGrows(t *testing.T) {
	rocks, _ := newRocks(t)
	id, first := rocks.Spawn()
	first.X = 5
	for range 1000 {
		rocks.Spawn()
	}
	if rocks.Get(id) != first || first.X != 5 {
		t.Error("the first entity has moved")
	}
}

func TestEntitiesSpawnedWhileIteratingAreNotVisited(t *testing.T) {
	rocks, _ := newRocks(t)
	var ids []ID
	for range 6 {
		id, _ := rocks.Spawn()
		ids = append(ids, id)
	}
	var seen []ID
	for id := range rocks.All() {
		seen = append(seen, id)
		if id == ids[1] {
			rocks.Despawn(ids[0])
			rocks.Despawn(ids[1])
			rocks.Despawn(ids[3])
			rocks.Spawn() // takes the slot of ids[3], which is still to come
			rocks.Spawn()
			rocks.Spawn()
			rocks.Spawn() // a new slot behind all others
		}
	}
	if want := []ID{ids[0], ids[1], ids[2], ids[4], ids[5]}; !slices.Equal(seen, want) {
		t.Errorf("visited %v, want %v", seen, want)
	}
	n := 0
	for range rocks.All() {
		n++
	}
	if n != 7 || rocks.Len() != 7 {
		t.Errorf("%d entities, Len %d; want 7", n, rocks.Len())
	}
}

func TestIdsSkipZeroAndThoseInUseWhenTheyWrap(t *testing.T) {
	rocks, store := newRocks(t)
	first, _ := rocks.Spawn()
	second, _ := rocks.Spawn()
	rocks.Despawn(second)
	store.last = 1<<32 - 2
	var got []ID
	for range 3 {
		id, _ := rocks.Spawn()
		got = append(got, id)
	}
	if want := []ID{1<<32 - 1, second, 3}; first != 1 || !slices.Equal(got, want) {
		t.Errorf("ids are %v, want %v", got, want)
	}
}

func TestDirtyNamesEveryChangedSlotOnce(t *testing.T) {
	rocks, store := newRocks(t)
	a, _ := rocks.Spawn()
	b, _ := rocks.Spawn()
	rocks.SetGroup(a, Team(1))
	rocks.SetOwner(a, 2)
	if want := []uint32{0, 1}; !slices.Equal(store.Dirty(), want) {
		t.Errorf("after spawning %v are dirty, want %v", store.Dirty(), want)
	}
	store.ClearDirty()
	rocks.SetGroup(a, Team(1)) // no change
	rocks.SetOwner(a, 2)
	rocks.Get(a).X = 9
	if len(store.Dirty()) != 0 {
		t.Errorf("without a change %v are dirty", store.Dirty())
	}
	rocks.MoveTo(b, 250, -1)
	rocks.Despawn(a)
	if want := []uint32{1, 0}; !slices.Equal(store.Dirty(), want) {
		t.Errorf("then %v are dirty, want %v", store.Dirty(), want)
	}
	if got := store.At(1); got != (Entity{ID: b, Group: Cell(2, -1), Owner: NoSeat, Live: true}) {
		t.Errorf("slot 1 is %+v", got)
	}
	if got := store.At(0); got.Live || store.Cap() != 2 {
		t.Errorf("slot 0 is %+v", got)
	}
}

func TestOwnedIsTheFirstInSlotOrder(t *testing.T) {
	r := seeded(t, 21)
	rocks, _ := newRocks(t)
	var ids []ID
	for range 3000 {
		switch n := r.IntN(10); {
		case n < 4 || len(ids) == 0:
			id, _ := rocks.Spawn()
			ids = append(ids, id)
		case n < 6:
			at := r.IntN(len(ids))
			rocks.Despawn(ids[at])
			ids = slices.Delete(ids, at, at+1)
		default:
			rocks.SetOwner(ids[r.IntN(len(ids))], randomSeat(r))
		}
		s := randomSeat(r)
		got, _ := rocks.Owned(s)
		if want := linearOwned(rocks, s); got != want {
			t.Fatalf("seat %d owns %d first, want %d", s, got, want)
		}
	}
}

func randomSeat(r *rand.Rand) Seat {
	if n := r.IntN(5); n < 4 {
		return Seat(n)
	}
	return NoSeat
}

func linearOwned(rocks *Table[rock], s Seat) ID {
	for id := range rocks.All() {
		if s != NoSeat && rocks.Owner(id) == s {
			return id
		}
	}
	return 0
}

func TestTheIndexAgreesWithAMap(t *testing.T) {
	r := seeded(t, 22)
	var x slotIndex
	twin := make(map[ID]uint32)
	for n := range 50000 {
		id := ID(1 + r.IntN(500)*(1+r.IntN(3)*1<<20))
		if _, used := twin[id]; used && r.IntN(2) == 0 {
			x.remove(id)
			delete(twin, id)
		} else if !used {
			x.put(id, uint32(n))
			twin[id] = uint32(n)
		}
		probe := ID(1 + r.IntN(500)*(1+r.IntN(3)*1<<20))
		got, ok := x.get(probe)
		if want, used := twin[probe]; ok != used || got != want {
			t.Fatalf("get(%d) = %d, %v; want %d, %v", probe, got, ok, want, used)
		}
	}
	if x.used != len(twin) {
		t.Errorf("%d used, want %d", x.used, len(twin))
	}
}

func TestWhatIsGoneIsNowhere(t *testing.T) {
	rocks, _ := newRocks(t)
	id, _ := rocks.Spawn()
	if !rocks.Despawn(id) || rocks.Despawn(id) || rocks.Despawn(0) {
		t.Error("Despawn does not say whether the entity was there")
	}
	rocks.SetGroup(id, Team(1))
	rocks.SetOwner(id, 1)
	rocks.MoveTo(id, 0, 0)
	if rocks.Get(id) != nil || rocks.Owner(id) != NoSeat || rocks.Group(id) != Everyone || rocks.Len() != 0 {
		t.Error("a despawned entity can still be found")
	}
	if again, r := rocks.Spawn(); again == id || *r != (rock{}) {
		t.Error("a new entity is not new")
	}
}

func TestGroupsKeepTheirParts(t *testing.T) {
	for g, want := range map[Group]string{
		Everyone: "everyone", Team(3): "team 3", Only(65534): "player 65534", Custom(1<<32 - 1): "custom 4294967295",
		Cell(-5, 7): "cell -5,7", Cell(1<<30, -1<<30): "cell 33554431,-33554431",
		cellOf(2, -5, 7): "cell -5,7 of level 2",
	} {
		if g.String() != want || !g.valid() {
			t.Errorf("%#x is %q, valid %v; want %q", uint64(g), g, g.valid(), want)
		}
	}
	for _, g := range []Group{1, 5 << 56, cellOf(gridLevels, 0, 0), Group(KindTeam)<<56 | 1<<40, Group(KindPlayer)<<56 | 1<<20} {
		if g.valid() {
			t.Errorf("%#x is valid", uint64(g))
		}
	}
}

func TestPositionsFindTheirCell(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for _, c := range []struct {
		v    float32
		want int32
	}{{0, 0}, {99.9, 0}, {100, 1}, {-0.1, -1}, {-100, -1}, {-100.1, -2}, {1e30, cellLimit}, {-1e30, -cellLimit}, {nan, 0}} {
		if got := cellAt(c.v, 100); got != c.want {
			t.Errorf("%g lies in cell %d, want %d", c.v, got, c.want)
		}
	}
}
