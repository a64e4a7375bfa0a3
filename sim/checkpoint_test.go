package sim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// grown is a game with everything in it, after some ticks.
func grown(t testing.TB, ticks int) *Instance {
	t.Helper()
	i, g := newArena(t)
	seatThree(i)
	for n := range ticks {
		feed(i, n)
		i.Step()
	}
	p := i.world.Player(3)
	p.Show(Custom(4))
	p.SetTeam(2)
	i.Drop(0)
	for _, c := range g.Crafts.All() {
		c.Heat = float32(math.NaN())
		c.history[1] = vec{1, -2}
		c.note = "a private note"
		break
	}
	g.log = "the game's own"
	return i
}

func TestRestoredGamesGoOnWithEqualHashes(t *testing.T) {
	r := seeded(t, 11)
	for range 20 {
		ticks := 1 + r.IntN(300)
		a := grown(t, ticks)
		b, err := a.def.Restore(a.Checkpoint(nil))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 60 {
			if a.Hash() != b.Hash() {
				t.Fatalf("restored at tick %d, the hashes differ at %d", ticks, a.Tick())
			}
			for _, i := range []*Instance{a, b} {
				feed(i, n)
				i.Step()
			}
		}
		if !bytes.Equal(a.Checkpoint(nil), b.Checkpoint(nil)) {
			t.Fatal("the checkpoints differ")
		}
	}
}

func TestRestoreGivesBackWhatTheHashDoesNotSay(t *testing.T) {
	a := grown(t, 40)
	b, err := a.def.Restore(a.Checkpoint([]byte("prefix"))[6:])
	if err != nil {
		t.Fatal(err)
	}
	p := b.world.Player(3)
	if p.Name != "Bo" || p.ID != "b" || !p.Bot || !p.Connected || b.world.Player(0).Connected {
		t.Errorf("player 3 is %+v", p)
	}
	if len(b.Store(0).Dirty()) != 3 || len(b.Events()) != 0 {
		t.Error("every live slot of a restored table must be dirty, and nothing sent")
	}
	g := b.Game().(*arena)
	if id, c := g.Crafts.Owned(3); c == nil || g.Crafts.Owner(id) != 3 || c.Name != "Bo" {
		t.Error("the owner is lost")
	}
	if g.log != "the game's own" || g.extra == nil {
		t.Error("the game's own fields are lost")
	}
}

func TestTeamAndRoleOfAMatchSurviveACheckpoint(t *testing.T) {
	d := queuesOf()
	a, err := d.New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Join(PlayerInfo{Seat: 2, Name: "Ada", MatchTeam: 2, Role: "tank"})
	a.Join(PlayerInfo{Seat: 3, Name: "Bo"})
	a.Step()
	b, err := d.Restore(a.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	if p := b.world.Player(2); p.MatchTeam != 2 || p.Role != "tank" {
		t.Errorf("restored as %+v", p)
	}
	if p := b.world.Player(3); p.MatchTeam != 0 || p.Role != "" || a.Hash() != b.Hash() {
		t.Errorf("restored as %+v", p)
	}
}

func TestHashesSeeEveryPart(t *testing.T) {
	base := grown(t, 40).Hash()
	for name, change := range map[string]func(*Instance, *arena){
		"private field":  func(_ *Instance, g *arena) { c := firstCraft(g); c.reload++ },
		"private array":  func(_ *Instance, g *arena) { c := firstCraft(g); c.history[0].Y = 3 },
		"private string": func(_ *Instance, g *arena) { c := firstCraft(g); c.note = "b" },
		"game field":     func(_ *Instance, g *arena) { g.grid[3][1].Heat++ },
		"saver":          func(_ *Instance, g *arena) { g.extra["spins"]++ },
		"random numbers": func(i *Instance, _ *arena) { i.world.rand.Uint32() },
		"owner":          func(_ *Instance, g *arena) { id, _ := g.Crafts.Owned(1); g.Crafts.SetOwner(id, 5) },
		"group":          func(_ *Instance, g *arena) { id, _ := g.Crafts.Owned(1); g.Crafts.SetGroup(id, Team(5)) },
		"free list":      func(_ *Instance, g *arena) { id, _ := g.Rocks.Spawn(); g.Rocks.Despawn(id) },
		"input":          func(i *Instance, _ *arena) { i.ApplyInput(1, inputPayload(i, controls{Held: true})) },
		"player":         func(i *Instance, _ *arena) { i.Drop(1) },
		"single":         func(_ *Instance, g *arena) { g.Round.Get().Names[1] = "x" },
		"tick":           func(i *Instance, _ *arena) { i.world.tick++ },
		"end":            func(i *Instance, _ *arena) { i.world.End() },
	} {
		i := grown(t, 40)
		if i.Hash() != base {
			t.Fatal("the fixture is not deterministic")
		}
		change(i, i.Game().(*arena))
		if i.Hash() == base {
			t.Errorf("the hash does not see the %s", name)
		}
	}
}

func firstCraft(g *arena) *craft {
	for _, c := range g.Crafts.All() {
		return c
	}
	return nil
}

// sealed appends the sum that Restore wants, so that tests reach what lies behind it.
func sealed(body []byte) []byte {
	return binary.LittleEndian.AppendUint64(bytes.Clone(body), xxhash.Sum64(body))
}

func TestEveryPrefixOfACheckpointFails(t *testing.T) {
	i := grown(t, 30)
	whole := i.Checkpoint(nil)
	body := whole[:len(whole)-checkpointSum]
	for n := range body {
		if _, err := i.def.Restore(whole[:n]); !errors.Is(err, errCheckpoint) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(whole), err)
		}
		if _, err := i.def.Restore(sealed(body[:n])); !errors.Is(err, errCheckpoint) {
			t.Fatalf("the first %d of %d bytes, with their sum: %v", n, len(body), err)
		}
	}
	if _, err := i.def.Restore(sealed(append(bytes.Clone(body), 0))); !errors.Is(err, errCheckpoint) {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestDamagedCheckpointsNeverPanic(t *testing.T) {
	r := seeded(t, 12)
	i := grown(t, 30)
	whole := i.Checkpoint(nil)
	body := whole[:len(whole)-checkpointSum]
	for range 20000 {
		bad := bytes.Clone(body)
		for range 1 + r.IntN(3) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		if j, err := i.def.Restore(sealed(bad)); err == nil {
			j.Step() // what is accepted must be a game that runs
			j.Hash()
		}
	}
}

func TestOtherGamesCheckpointsAreRefused(t *testing.T) {
	i := grown(t, 3)
	cfg := testConfig()
	cfg.Name = "chess"
	if _, err := Define[arena](cfg).Restore(i.Checkpoint(nil)); !errors.Is(err, errCheckpoint) {
		t.Errorf("error is %v", err)
	}
}

func FuzzRestore(f *testing.F) {
	i := grown(f, 20)
	whole := i.Checkpoint(nil)
	f.Add(whole[:len(whole)-checkpointSum])
	f.Fuzz(func(_ *testing.T, body []byte) {
		if j, err := i.def.Restore(sealed(body)); err == nil {
			j.Step()
			j.Hash()
		}
	})
}
