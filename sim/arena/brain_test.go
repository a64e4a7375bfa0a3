package arena

import (
	"bytes"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

func TestEightComputerPlayersMakeALivelyGame(t *testing.T) {
	g := newGameOfBots(t, 8)
	a := arenaOf(g)
	const minutes = 3
	kills, weight := map[string]int{}, 0
	for range minutes * 60 * tickRate {
		g.Step()
		for _, name := range sent(g) {
			kills[name]++
		}
		for id, s := range ships(g).All() {
			if s.X < 0 || s.X > Size || s.Y < 0 || s.Y > Size {
				t.Fatalf("tick %d: ship %d is out of the world: %+v", g.Tick(), id, s)
			}
		}
		weight = 0
		for _, r := range a.Rocks.All() {
			weight += r.weight()
		}
		if weight < 4*rockCount/2 || weight > (4*rockCount) {
			t.Fatalf("tick %d: rocks for %d small ones, want about %d", g.Tick(), weight, 4*rockCount)
		}
	}
	t.Logf("events in %d minutes: %v; rocks for %d small ones", minutes, kills, weight)
	for seat := range 8 {
		t.Logf("bot %d: %d points", seat, a.pilots[seat].points)
		if a.pilots[seat].points == 0 {
			t.Errorf("bot %d has not scored", seat)
		}
	}
	if n := g.Clamped(); n > 0 {
		t.Errorf("values out of range: %v", g.ClampCounts())
	}
	if kills["kills"] < 8*minutes || kills["picked"] == 0 {
		t.Errorf("a dull game: %v", kills)
	}
}

// TestABeginnerLivesForAWhile joins a player who does nothing at all to a full fight.
func TestABeginnerLivesForAWhile(t *testing.T) {
	var lived []int
	total := 0
	for seed := range uint64(10) {
		g := newGame(t, seed)
		for seat := range sim.Seat(8) {
			g.Join(sim.PlayerInfo{Seat: seat, Bot: true})
		}
		for range 600 {
			g.Step()
		}
		g.Join(sim.PlayerInfo{Seat: 8})
		ticks := 0
		for ; ticks < 1200; ticks++ {
			g.Step()
			if id, _ := ships(g).Owned(8); id == 0 {
				break
			}
		}
		lived, total = append(lived, ticks), total+ticks
	}
	t.Logf("ticks lived: %v", lived)
	if mean := total / len(lived); mean < 6*tickRate {
		t.Errorf("a beginner lives for %d ticks", mean)
	}
}

// TestABrainDoesTheSameOnAMirror shows what a client sees of a room to a mirror, and
// compares what the brain decides there with what it does in the room. Rocks are shown
// a fraction of a unit off, so that a decision may fall the other way now and then.
func TestABrainDoesTheSameOnAMirror(t *testing.T) {
	g := newGameOfBots(t, 8)
	const seat = 5
	mirror, err := Game.NewMirror(Game.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	mirror.SetSelf(seat, "bot 5")
	differ := 0
	for range 1000 {
		mirror.Begin(g.Tick() + 1)
		for number, part := range Game.Parts() {
			show(g, mirror, number, &part, seat)
		}
		mirror.End()
		got := bytes.Clone(mirror.Think())
		g.Step()
		if want := payload(arenaOf(g).Inputs.Of(g.World().Player(seat))); !bytes.Equal(got, want) {
			differ++
		}
	}
	if differ > 5 {
		t.Errorf("%d of 1000 decisions differ", differ)
	}
}

// show sets the rows of a part that the player of a seat sees.
func show(g *sim.Instance, m *sim.Mirror, number int, part *schema.Part, seat sim.Seat) {
	store := g.Store(part.Table)
	var ids, slots []uint32
	for slot := range uint32(store.Cap()) {
		if e := store.At(slot); e.Live && (!part.Owner || e.Owner == seat) {
			ids, slots = append(ids, uint32(e.ID)), append(slots, slot)
		}
	}
	columns := make([][]int32, len(part.Columns))
	for c := range columns {
		columns[c] = make([]int32, len(slots))
		if !part.Columns[c].String {
			store.Sample(part.Owner, c, slots, columns[c])
		}
	}
	m.Set(number, ids, columns, func(int32) string { return "" })
}

func TestComputerPlayersLeadTheirTarget(t *testing.T) {
	me := Ship{X: 1000, Y: 1000}
	angle := lead(&me, 1310, 1000, 0, 200) // half a second away for a bullet
	x, y := bulletSpeed*sim.Cos(angle), bulletSpeed*sim.Sin(angle)
	at := 310 / x
	if off := at*y - at*200; off < -shipRadius || off > shipRadius {
		t.Errorf("the bullet passes %v units off", off)
	}
	worst := float32(0)
	for tick := range uint32(3000) {
		worst = max(worst, aimError(3, tick), -aimError(3, tick))
	}
	if worst == 0 || worst > worstError {
		t.Errorf("an error of %v", worst)
	}
}
