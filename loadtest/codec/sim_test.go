package codec

import (
	"encoding/json"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// zoo is a game with every kind of field that has a number.
type zoo struct {
	Beasts sim.Table[beast]
	Inputs sim.Inputs[struct{ Go bool }]
}

type beast struct {
	X     float32    `sync:"min=-50,max=50,step=0.05"`
	Y     float32    `sync:"min=-50,max=50,step=0.05,predict"`
	Loose float32    `sync:"min=-50,max=50,step=0.05,tolerance=0.2"`
	Dir   float32    `sync:"angle,bits=10"`
	Nose  float32    `sync:"angle,bits=9,predict"`
	Roll  [4]float32 `sync:"quat,step=0.002"`
	HP    int8       `sync:""`
	Age   uint64     `sync:""`
	Raw   float32    `sync:""`
}

func (*zoo) Join(*sim.World, *sim.Player)  {}
func (*zoo) Leave(*sim.World, *sim.Player) {}

func (g *zoo) Step(w *sim.World) {
	rng := w.Rand()
	for g.Beasts.Len() < 30 {
		_, b := g.Beasts.Spawn()
		b.X, b.Y, b.Roll = rng.Range(-20, 20), rng.Range(-20, 20), [4]float32{rng.Range(-1, 1), 0.1, 0.2, 0.3}
	}
	for _, b := range g.Beasts.All() {
		b.X += rng.Range(-0.5, 0.5)
		b.Y += rng.Range(-0.5, 0.5)
		b.Loose = b.X / 2
		b.Dir += rng.Range(-0.3, 0.3)
		b.Nose = sim.WrapAngle(b.Dir)
		for i := range b.Roll {
			b.Roll[i] += rng.Range(-0.02, 0.02)
		}
		b.Roll = unit(b.Roll)
		b.HP--
		b.Age += 1 << 31
		b.Raw = b.X
	}
}

func unit(q [4]float32) [4]float32 {
	n, _ := normalise([4]float64{float64(q[0]), float64(q[1]), float64(q[2]), float64(q[3])})
	return [4]float32{float32(n[0]), float32(n[1]), float32(n[2]), float32(n[3])}
}

// zooTrace runs the game and records it, and the targets that its room would publish.
func zooTrace(t *testing.T, ticks int) (tr *trace.Trace, parts []schema.Part, published [][][]int32) {
	t.Helper()
	game := sim.Define[zoo](sim.Config{Name: "zoo", TickRate: 20})
	in, err := game.New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.Step()
	store := in.Store(0)
	measures := store.Measures()
	text, err := json.Marshal(measures)
	if err != nil {
		t.Fatal(err)
	}
	tr = &trace.Trace{Header: trace.Header{TickRate: 20, Entities: 30}}
	if err := json.Unmarshal(text, &tr.Fields); err != nil {
		t.Fatal(err)
	}
	if err := tr.Check(); err != nil {
		t.Fatal(err)
	}
	slots := store.LiveSlots(nil)
	for range ticks {
		in.Step()
		frame := make([]int32, tr.Values())
		for e, slot := range slots {
			store.Measure(measures, slot, frame[e*len(measures):][:len(measures)])
		}
		tr.Frames = append(tr.Frames, frame)
		var targets [][]int32
		for c := range game.Parts()[0].Columns {
			dst := make([]int32, len(slots))
			store.Sample(false, c, slots, dst)
			targets = append(targets, dst)
		}
		published = append(published, targets)
	}
	return tr, game.Parts(), published
}

// What a recording is quantised to must be what the room itself publishes, but for the
// place where a range starts, and a unit for what the recording rounds.
func TestARecordingIsQuantisedAsTheRoomDoesIt(t *testing.T) {
	tr, parts, published := zooTrace(t, 60)
	w, err := newWire(tr)
	if err != nil {
		t.Fatal(err)
	}
	columns := parts[0].Columns
	if len(columns) != len(w.parts[0].Columns) {
		t.Fatalf("%d columns, want %d", len(w.parts[0].Columns), len(columns))
	}
	for c := range columns {
		want, got := columns[c], w.parts[0].Columns[c]
		if got.Linear != want.Linear || got.Wrap != want.Wrap || got.Q != want.Q || got.Tolerance != want.Tolerance {
			if w.fields[got.Field].kind != schema.KindQuat { // its step is finer by what unit length costs
				t.Errorf("column %s: %+v, want %+v", want.Name, got, want)
			}
		}
	}
	compareTargets(t, w, columns, published)
}

func compareTargets(t *testing.T, w *wire, columns []schema.Column, published [][][]int32) {
	t.Helper()
	for i, frame := range w.schedule(1) {
		for c := range columns {
			f := &w.fields[w.parts[0].Columns[c].Field]
			if f.kind == schema.KindQuat && c != f.column {
				continue
			}
			shift := published[0][c][0] - firstTarget(w, c)
			for e, want := range published[i][c] {
				off := frame.targets[c][e] + shift - want
				if columns[c].Wrap > 0 {
					off = (off+columns[c].Wrap/2)&(columns[c].Wrap-1) - columns[c].Wrap/2
				}
				exact := f.lossless || f.predict || f.kind == schema.KindQuat
				if off < -2 || off > 2 || exact && off != 0 {
					t.Fatalf("frame %d, entity %d, %s: off by %d", i, e, columns[c].Name, off)
				}
			}
		}
	}
}

// firstTarget is the first target of a column, which says where its range starts.
func firstTarget(w *wire, column int) int32 {
	f := sent{values: w.trace.Frames[0]}
	w.quantise(&f)
	return f.targets[column][0]
}

func TestARecordedGameGoesThroughTheCodec(t *testing.T) {
	tr, _, _ := zooTrace(t, 120)
	r, err := Run(tr, 10)
	if err != nil {
		t.Fatal(err)
	}
	if r.Frames != 60 || r.ChangedPerFrame != 30 {
		t.Errorf("%d frames, %v changed", r.Frames, r.ChangedPerFrame)
	}
}
