package sim

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// goldenGlance is an entity between snapshots, and what is drawn of it; the SDK's
// interpolation must draw the same.
type goldenGlance struct {
	Fields  []goldenField    `json:"fields,omitempty"` // of the first line only
	Samples []map[string]any `json:"samples"`          // oldest first, with their ticks
	At      float64          `json:"at"`
	Carry   float64          `json:"carry"` // ticks that a motion is carried on
	Slowest float64          `json:"slowest"`
	Drawn   map[string]any   `json:"drawn"`
}

// drift makes the next snapshot of a buoy: near, or now and then far away.
func drift(r *rand.Rand, b buoy, far bool) buoy {
	step := func(most float32) float32 { return (r.Float32()*2 - 1) * most }
	if far {
		b.X = step(900)
	}
	b.X, b.P, b.Raw = b.X+step(25), b.P+step(25), b.Raw+step(3)
	b.Dir = float32(math.Mod(float64(b.Dir+step(3))+2*math.Pi, 2*math.Pi))
	for i := range b.Roll {
		b.Roll[i] += step(0.5)
	}
	b.N += int16(r.IntN(21)) - 10
	b.Far = min(max(b.Far+int32(r.IntN(81))-40, 0), 6400)
	return b
}

func TestPastsAreDrawnAsTheGoldenSays(t *testing.T) {
	r := seeded(t, 21)
	i, g, id := afloat(t)
	table := &i.def.Descriptor().Tables[0]
	var lines []any
	for n := range 60 {
		glance := goldenGlance{Slowest: 4, Carry: 2}
		for f := range table.Fields {
			if n == 0 && isSmooth(&table.Fields[f]) {
				glance.Fields = append(glance.Fields, newGoldenField(&table.Fields[f]))
			}
		}
		b := buoy{X: 10, Far: 3000, Roll: [4]float32{0, 0, 0, 1}}
		var all [3]Snapshot
		tick := uint32(70)
		for s := n % 2; s < 2+n/2%2; s++ { // with or without the one before, and the one after
			b = drift(r, b, r.IntN(8) == 0)
			all[s] = told(i, tick, b)
			glance.Samples = append(glance.Samples, drawnOf(t, i, g, id, Drawn{Before: all[s]}, tick))
			tick += 1 + uint32(r.IntN(4))
		}
		until := uint32(3)
		if all[2].Known {
			until = all[2].Tick - all[1].Tick
		}
		view := View{Tick: all[1].Tick + r.Uint32N(until), Part: uint8(r.IntN(256)), Newest: 99, Had: 1}
		i.SetView(2, view)
		glance.At = float64(view.Tick) + float64(view.Part)/256
		glance.Drawn = drawnOf(t, i, g, id, Drawn{Prior: all[0], Before: all[1], After: all[2]}, 0)
		delete(glance.Drawn, "tick")
		lines = append(lines, glance)
	}
	compareGolden(t, "drawn.json", goldenLines(t, lines))
}

// drawnOf lists the smooth fields of what the player of afloat saw.
func drawnOf(t *testing.T, i *Instance, g *sea, id ID, d Drawn, tick uint32) map[string]any {
	t.Helper()
	i.SetHistory(fakeHistory{id: d})
	b, ok := g.Buoys.In(i.world.Rewind(2), id)
	if !ok {
		t.Fatal("nothing was drawn")
	}
	values := map[string]any{"tick": tick}
	v := reflect.ValueOf(b)
	for n, f := range i.def.Descriptor().Tables[0].Fields {
		if f.Has(schema.FlagLerp) {
			values[f.Name] = plainValue(v.Field(n))
		}
	}
	return values
}
