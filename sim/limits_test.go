package sim

import (
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema/bits"
)

// crowd is a game with many owned entities, custom groups and a rotation as input.
type crowd struct {
	Rows Table[crowdRow]
	In   Inputs[crowdInput]
}

type crowdRow struct {
	X    uint8 `sync:""`
	Card uint8 `sync:"owner"`
}

type crowdInput struct {
	Q [4]float32 `sync:"quat,step=0.001"`
}

func (*crowd) Join(*World, *Player)  {}
func (*crowd) Leave(*World, *Player) {}
func (*crowd) Step(*World)           {}

var crowdGame = Define[crowd](Config{Name: "crowd"})

func newCrowd(t *testing.T) (*Instance, *crowd) {
	t.Helper()
	i, err := crowdGame.New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return i, i.Game().(*crowd)
}

func TestLeavingDisownsEverythingOfTheSeatAndNothingElse(t *testing.T) {
	i, g := newCrowd(t)
	i.Join(PlayerInfo{Seat: 0})
	i.Join(PlayerInfo{Seat: 1})
	for n := range 1000 {
		id, _ := g.Rows.Spawn()
		g.Rows.SetOwner(id, Seat(n%3))
	}
	i.Leave(0)
	owners := map[Seat]int{}
	for id := range g.Rows.All() {
		owners[g.Rows.Owner(id)]++
	}
	if owners[0] != 0 || owners[NoSeat] != 334 || owners[1] != 333 || owners[2] != 333 {
		t.Errorf("owners %v", owners)
	}
	if id, _ := g.Rows.Owned(0); id != 0 {
		t.Errorf("the empty seat owns %d", id)
	}
	if id, _ := g.Rows.Owned(1); id != 2 {
		t.Errorf("seat 1's first entity is %d, want 2", id)
	}
}

func TestOwnedFollowsOwnersThatComeAndGo(t *testing.T) {
	_, g := newCrowd(t)
	var ids []ID
	for range 10 {
		id, _ := g.Rows.Spawn()
		g.Rows.SetOwner(id, 4)
		ids = append(ids, id)
	}
	for _, id := range ids {
		if first, _ := g.Rows.Owned(4); first != id {
			t.Errorf("first is %d, want %d", first, id)
		}
		g.Rows.Despawn(id)
	}
	if first, _ := g.Rows.Owned(4); first != 0 {
		t.Errorf("%d is left", first)
	}
}

func TestJoiningShowsWhatTheSeatWasGivenBefore(t *testing.T) {
	i, g := newCrowd(t)
	id, _ := g.Rows.Spawn()
	g.Rows.SetOwner(id, 3)
	store := i.Store(0)
	store.ClearDirty()
	i.Join(PlayerInfo{Seat: 3})
	if len(store.Dirty()) != 1 {
		t.Errorf("%d slots to publish again, want 1", len(store.Dirty()))
	}
}

func TestGroupsThatNoConstructorMakesAreIgnored(t *testing.T) {
	i, g := newCrowd(t)
	i.Join(PlayerInfo{Seat: 0})
	id, _ := g.Rows.Spawn()
	for _, bad := range []Group{3, 7 << groupKindShift, Only(1) | 1<<40} {
		g.Rows.SetGroup(id, bad)
		i.World().Player(0).Show(bad)
		if got := g.Rows.Group(id); got != Everyone {
			t.Errorf("%#x was taken", uint64(bad))
		}
	}
	for n := range uint32(5000) {
		i.World().Player(0).Show(Custom(n))
	}
	if n := len(i.Visible(0, nil)); n > 4096 {
		t.Errorf("a player sees %d groups, a client holds 4,096", n)
	}
	i.Step()
	if _, err := crowdGame.Restore(i.Checkpoint(nil)); err != nil {
		t.Error(err)
	}
}

func TestRotationsAsInputsHaveUnitLength(t *testing.T) {
	i, g := newCrowd(t)
	i.Join(PlayerInfo{Seat: 0})
	width := uint(crowdGame.desc.Input[0].Bits)
	for n := uint32(0); n < 1<<width; n += 7 {
		var w bits.Writer
		w.Bits(3, 2)
		for range 3 {
			w.Bits(n, width)
		}
		if crowdGame.CheckInput(w.Bytes()) != nil {
			continue
		}
		i.ApplyInput(0, w.Bytes())
		q := g.In.Of(i.World().Player(0)).Q
		if l := q[0]*q[0] + q[1]*q[1] + q[2]*q[2] + q[3]*q[3]; l < 0.99 || l > 1.01 {
			t.Fatalf("n %d: %v has squared length %v", n, q, l)
		}
	}
}

// wide is a game whose descriptor no client would take.
type wide struct {
	Rows Table[wideRow]
	In   Inputs[crowdInput]
}

type wideRow struct {
	A wideBlock   `sync:""`
	B wideBlock   `sync:""`
	C wideBlock   `sync:""`
	D wideBlock   `sync:""`
	E [256]uint64 `sync:""`
}

type wideBlock struct {
	A, B, C, D, E, F, G, H [256]uint64 `sync:""`
}

func (*wide) Join(*World, *Player)  {}
func (*wide) Leave(*World, *Player) {}
func (*wide) Step(*World)           {}

func TestGamesTooLargeForTheWireAreAMistake(t *testing.T) {
	err := Define[wide](Config{Name: "wide"}).Err()
	if err == nil || !strings.Contains(err.Error(), "sim.wide: does not fit the wire") {
		t.Errorf("%v", err)
	}
}

func TestIDsThatShareTheirLowBitsSpreadOverTheIndex(t *testing.T) {
	var x slotIndex
	longest := 0
	for k := 1; k <= 2000; k++ {
		id := ID(k << 12)
		x.put(id, uint32(k))
		at, n := x.home(id), 0
		for x.ids[at] != id {
			at, n = (at+1)&(len(x.ids)-1), n+1
		}
		longest = max(longest, n)
	}
	if longest > 40 {
		t.Errorf("a look-up probes %d places", longest)
	}
}
