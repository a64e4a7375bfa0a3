package sim

import (
	"fmt"
	"slices"
	"testing"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

func TestTheFixtureIsWithoutMistakes(t *testing.T) {
	if err := Define[arena](testConfig()).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestTicksCountFromOneAndWrap(t *testing.T) {
	i, _ := newArena(t)
	if i.Step(); i.Tick() != 1 {
		t.Errorf("the first tick is %d", i.Tick())
	}
	i.world.tick = 1<<32 - 1
	if i.Step(); i.Tick() != 0 {
		t.Errorf("the tick after 2^32-1 is %d", i.Tick())
	}
}

func TestTheSameSeedAndInputsGiveTheSameHashEveryTick(t *testing.T) {
	a, b := runArena(t, 7, 200), runArena(t, 7, 200)
	if at := firstDifference(a, b); at >= 0 {
		t.Errorf("the hashes differ from tick %d on", at+1)
	}
	if at := firstDifference(a, runArena(t, 8, 200)); at != 0 {
		t.Errorf("another seed gives the same hash until tick %d", at)
	}
}

// runArena plays with two computer players and one remote one.
func runArena(t *testing.T, seed uint64, ticks int) []uint64 {
	t.Helper()
	i, err := Define[arena](testConfig()).New(seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	seatThree(i)
	hashes := make([]uint64, ticks)
	for n := range hashes {
		feed(i, n)
		i.Step()
		hashes[n] = i.Hash()
	}
	return hashes
}

func seatThree(i *Instance) {
	i.Join(PlayerInfo{Seat: 0, ID: "a", Name: "Ada"})
	i.Join(PlayerInfo{Seat: 3, ID: "b", Name: "Bo", Bot: true})
	i.Join(PlayerInfo{Seat: 1, ID: "c", Name: "Cy", Bot: true})
}

// feed gives seat 0 an input on two of three ticks, and a line of chat now and then.
func feed(i *Instance, n int) {
	if n%3 != 0 {
		i.ApplyInput(0, inputPayload(i, controls{Turn: 1, Thrust: 0.5, Fire: n%2 == 0}))
	}
	if n%10 == 0 {
		i.ClientEvent(0, 1, eventPayload(i, 1, &chat{Text: "hi"}))
	}
}

func inputPayload(i *Instance, in controls) []byte {
	return i.def.input.appendPayload(nil, unsafe.Pointer(&in))
}

func eventPayload(i *Instance, typ int, e *chat) []byte {
	return i.def.events[typ].appendPayload(nil, unsafe.Pointer(e))
}

func firstDifference(a, b []uint64) int {
	for n := range a {
		if a[n] != b[n] {
			return n
		}
	}
	return -1
}

func TestEdgesOfAnInputLastOneTick(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 2})
	p := i.World().Player(2)
	i.ApplyInput(2, inputPayload(i, controls{Turn: -1, Fire: true, Weapon: 4, Held: true}))
	i.Step()
	if got, want := g.Controls.Of(p), (controls{Turn: -1, Fire: true, Weapon: 4, Held: true}); got != want {
		t.Errorf("the input is %+v, want %+v", got, want)
	}
	i.Step() // nothing arrived
	if got, want := g.Controls.Of(p), (controls{Turn: -1, Held: true}); got != want {
		t.Errorf("the repeated input is %+v, want %+v", got, want)
	}
	i.MergeLate(2, inputPayload(i, controls{Turn: 1, Fire: true, Weapon: 2}))
	i.Step()
	if got, want := g.Controls.Of(p), (controls{Turn: -1, Fire: true, Weapon: 2, Held: true}); got != want {
		t.Errorf("with a late input it is %+v, want %+v", got, want)
	}
	i.RepeatInput(2)
	i.MergeLate(2, inputPayload(i, controls{Weapon: 3}))
	i.MergeLate(2, inputPayload(i, controls{Weapon: 5}))
	i.Step()
	if got := g.Controls.Of(p).Weapon; got != 3 {
		t.Errorf("of two late edges %d is taken, want the first, 3", got)
	}
}

func TestMalformedInputsAndEventsAreIgnored(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 0})
	i.ApplyInput(0, inputPayload(i, controls{Turn: 1}))
	i.ApplyInput(0, []byte{1})
	i.ApplyInput(5, inputPayload(i, controls{Turn: 1}))
	i.ClientEvent(0, 1, []byte{1})
	i.ClientEvent(0, 0, []byte{}) // an event of the server
	i.ClientEvent(0, 99, nil)
	i.ClientEvent(4, 1, eventPayload(i, 1, &chat{Text: "nobody"}))
	i.Step()
	if got := g.Controls.Of(i.World().Player(0)).Turn; got != 1 {
		t.Errorf("turn is %d, want 1", got)
	}
	if g.log != "" {
		t.Errorf("the game heard %q", g.log)
	}
}

// listener notes the chat it hears.
type listener struct {
	State Single[nothing]
	In    Inputs[nothing]
	Chat  ClientEvent[chat]
	heard [][2]string
}

func (*listener) Save() []byte          { return nil }
func (*listener) Load([]byte) error     { return nil }
func (*listener) Join(*World, *Player)  {}
func (*listener) Leave(*World, *Player) {}
func (l *listener) Step(*World) {
	l.heard = nil
	for p, c := range l.Chat.All() {
		l.heard = append(l.heard, [2]string{p.Name, c.Text})
	}
}

func TestClientEventsComeInSeatOrderAndOnce(t *testing.T) {
	i, err := Define[listener](plainConfig()).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for s, name := range []string{"a", "b", "c"} {
		i.Join(PlayerInfo{Seat: Seat(s), Name: name})
	}
	for n, s := range []Seat{2, 0, 2, 1, 0} {
		i.ClientEvent(s, 0, eventPayload(i, 0, &chat{Text: string(rune('0' + n))}))
	}
	i.Leave(1)
	i.Step()
	l := i.Game().(*listener)
	want := [][2]string{{"a", "1"}, {"a", "4"}, {"c", "0"}, {"c", "2"}}
	if !slices.Equal(l.heard, want) {
		t.Errorf("heard %v, want %v", l.heard, want)
	}
	if i.Step(); len(l.heard) != 0 {
		t.Errorf("heard %v again", l.heard)
	}
}

func TestEventsAreThoseOfTheStepAndTheHooksBeforeIt(t *testing.T) {
	i, g := newArena(t)
	i.Step()
	i.Join(PlayerInfo{Seat: 1})
	p := i.World().Player(1)
	g.Told.SendTo(p, chat{Text: "hello"})
	g.Told.Send(Team(2), chat{Text: "team"})
	i.World().Kick(p, "bored")
	i.Step()
	events := i.Events()
	if len(events) != 2 || events[0].Seat != 1 || events[0].Type != 2 ||
		events[1].Seat != NoSeat || events[1].Group != Team(2) {
		t.Fatalf("events are %+v", events)
	}
	var got chat
	i.def.events[2].readPayload(events[0].Payload, unsafe.Pointer(&got))
	if got.Text != "hello" {
		t.Errorf("the first event says %q", got.Text)
	}
	if k := i.Kicked(); len(k) != 1 || k[0] != (Kick{1, "bored"}) {
		t.Errorf("kicked %v", k)
	}
	if i.Step(); len(i.Events()) != 0 || len(i.Kicked()) != 0 {
		t.Error("events or kicks of the tick before are still there")
	}
}

func TestBotInputsAreWhatTheWireCanCarry(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 0, Bot: true})
	for range 50 {
		i.Step()
		if v := g.Controls.Of(i.World().Player(0)).Thrust * 8; v != float32(int(v)) {
			t.Fatalf("thrust %g is between two steps", v/8)
		}
	}
}

func TestLeavingDisownsWhatThePlayerHad(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 0})
	id, _ := g.Rocks.Spawn()
	g.Rocks.SetOwner(id, 0)
	i.Leave(0)
	if g.Rocks.Owner(id) != NoSeat || g.Crafts.Len() != 0 {
		t.Error("something still belongs to an empty seat")
	}
	if i.World().Player(0) != nil || i.Visible(0, nil) != nil {
		t.Error("the seat is not empty")
	}
	i.Leave(0)
	i.Join(PlayerInfo{Seat: 0, Name: "next"})
	i.Join(PlayerInfo{Seat: 0, Name: "late"})
	i.Join(PlayerInfo{Seat: NoSeat})
	if got := i.World().Player(0).Name; got != "next" {
		t.Errorf("seat 0 has %q", got)
	}
}

// watcher counts its hooks.
type watcher struct {
	State          Single[nothing]
	In             Inputs[nothing]
	drops, resumes int
	options        string
}

func (*watcher) Join(*World, *Player)              {}
func (*watcher) Leave(*World, *Player)             {}
func (*watcher) Step(w *World)                     { w.End() }
func (g *watcher) Drop(*World, *Player)            { g.drops++ }
func (g *watcher) Resume(*World, *Player)          { g.resumes++ }
func (g *watcher) Create(_ *World, o []byte) error { g.options = string(o); return nil }

func TestHooksAreCalledOncePerChange(t *testing.T) {
	i, err := Define[watcher](plainConfig()).New(1, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	g := i.Game().(*watcher)
	i.Join(PlayerInfo{Seat: 0})
	i.Resume(0)
	i.Drop(0)
	i.Drop(0)
	if i.World().Player(0).Connected {
		t.Error("a dropped player is connected")
	}
	i.Resume(0)
	i.Drop(9)
	if g.drops != 1 || g.resumes != 1 || g.options != "{}" {
		t.Errorf("%d drops, %d resumes, options %q", g.drops, g.resumes, g.options)
	}
	if i.Ended() {
		t.Error("ended before it began")
	}
	if i.Step(); !i.Ended() {
		t.Error("End is not noticed")
	}
}

func TestVisibleGroupsComeOnceAndInAStableOrder(t *testing.T) {
	i, _ := newArena(t)
	i.Join(PlayerInfo{Seat: 4})
	p := i.World().Player(4)
	p.SetTeam(2)
	p.Show(Custom(9))
	p.Show(Team(2))
	p.Show(Cell(0, 0))
	p.Show(Custom(9))
	p.Look(50, 10) // 200 by 120 around it
	want := []Group{
		Everyone, Only(4), Team(2), Custom(9), Cell(0, 0),
		Cell(-1, -1), Cell(0, -1), Cell(1, -1), Cell(-1, 0), Cell(1, 0),
	}
	if got := groupsOf(i.Visible(4, nil)); !slices.Equal(got, want) {
		t.Errorf("sees %v, want %v", got, want)
	}
	p.Hide(Cell(0, 0))
	p.Hide(Custom(1))
	p.LeaveTeam()
	p.Show(Custom(3))
	p.Show(Custom(3))
	p.Hide(Custom(3))
	got := groupsOf(i.Visible(4, []Sight{{Custom(1), 1}}))
	want = []Group{
		Custom(1), Everyone, Only(4), Custom(9), Team(2),
		Cell(-1, -1), Cell(0, -1), Cell(1, -1), Cell(-1, 0), Cell(0, 0), Cell(1, 0),
	}
	if !slices.Equal(got, want) {
		t.Errorf("then sees %v, want %v", got, want)
	}
}

func groupsOf(seen []Sight) (groups []Group) {
	for _, s := range seen {
		groups = append(groups, s.Group)
	}
	return groups
}

func TestSteadyTicksAllocateNothing(t *testing.T) {
	i, g := newArena(t)
	seatThree(i)
	input := inputPayload(i, controls{Thrust: 1, Fire: true})
	crafts := i.Store(0)
	name := slices.IndexFunc(i.Definition().Parts()[0].Columns, func(c schema.Column) bool { return c.String })
	dst, groups := make([]int32, 8), make([]Sight, 0, 64)
	tick := func() {
		i.ApplyInput(0, input)
		i.Step()
		for column := range i.Definition().Parts()[0].Columns {
			crafts.Sample(false, column, []uint32{0, 1, 2}, dst)
		}
		id, _ := g.Rocks.Spawn()
		g.Rocks.Despawn(id)
		crafts.Text(false, name, 1)
		crafts.ClearDirty()
		i.Store(1).ClearDirty()
		groups = i.Visible(0, groups[:0])
		_ = i.Events()
	}
	for range 500 {
		tick()
	}
	if n := testing.AllocsPerRun(500, tick); n > 0 {
		t.Errorf("a tick allocates %.2f times", n)
	}
}

func BenchmarkStepAndSampleOfAHundred(b *testing.B) {
	i, g := newArena(b)
	slots := make([]uint32, 100)
	dst := make([]int32, 100)
	for n := range slots {
		slots[n] = uint32(n)
		g.Crafts.Spawn()
	}
	b.ReportAllocs()
	for b.Loop() {
		i.Step()
		for column := range i.def.tables[0].public {
			i.Store(0).Sample(false, column, slots, dst)
		}
	}
}

func TestHashesAreTheSameOnEveryMachine(t *testing.T) {
	var lines []byte
	for n, h := range runArena(t, 7, 200) {
		if n%10 == 9 {
			lines = fmt.Appendf(lines, "%d %016x\n", n+1, h)
		}
	}
	compareGolden(t, "hashes.txt", lines)
}
