package arena

import (
	"bytes"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

func TestComputerPlayersFlyAboutTogether(t *testing.T) {
	g := newGameOfBots(t, 8)
	flown := map[sim.ID]float32{}
	turned := map[sim.ID]map[int]bool{}
	last := map[sim.ID]Ship{}
	for range 1200 {
		g.Step()
		for id, s := range ships(g).All() {
			if was, ok := last[id]; ok {
				dx, dy := s.X-was.X, s.Y-was.Y
				flown[id] += sim.Sqrt(dx*dx + dy*dy)
			}
			if turned[id] == nil {
				turned[id] = map[int]bool{}
			}
			turned[id][int(s.Angle)] = true
			last[id] = *s
		}
	}
	for id, way := range flown {
		if way < 60*40 {
			t.Errorf("ship %d flew %.0f units in a minute", id, way)
		}
		if len(turned[id]) < 5 {
			t.Errorf("ship %d hardly turned: %v", id, turned[id])
		}
		for other, s := range last {
			dx, dy := s.X-last[id].X, s.Y-last[id].Y
			if dx*dx+dy*dy > 1600*1600 {
				t.Errorf("ships %d and %d are out of each other's sight", id, other)
			}
		}
	}
}

func TestComputerPlayersFireNowAndThen(t *testing.T) {
	g := newGameOfBots(t, 8)
	shots := 0
	for range 1200 {
		g.Step()
		shots += len(g.Events())
	}
	if shots == 0 || shots > 1200 {
		t.Errorf("%d shots in a minute", shots)
	}
}

// TestABrainDoesTheSameOnAMirror shows what a client sees of a room to a mirror, and
// lets the brain decide on either.
func TestABrainDoesTheSameOnAMirror(t *testing.T) {
	g := newGameOfBots(t, 8)
	const seat = 5
	mirror, err := Game.NewMirror(Game.Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	mirror.SetSelf(seat, "bot 5")
	for range 300 {
		g.Step()
		mirror.Begin(g.Tick())
		for number, part := range Game.Parts() {
			show(g, mirror, number, &part, seat)
		}
		mirror.End()
		want := payload(g.Game().(*Arena).Think(g.World(), g.World().Player(seat)))
		if got := mirror.Think(); !bytes.Equal(got, want) {
			t.Fatalf("tick %d: %x on the mirror, %x in the room", g.Tick(), got, want)
		}
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

func TestAWaypointChangesWithEachLeg(t *testing.T) {
	v := sight{n: 8, x: 4000, y: 4000}
	x0, y0 := waypoint(1, 100, v)
	x1, y1 := waypoint(1, 100+legTicks, v)
	if x0 == x1 && y0 == y1 {
		t.Error("two legs have the same waypoint")
	}
}
