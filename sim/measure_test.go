package sim

import (
	"encoding/json"
	"math"
	"testing"
)

// gauge is a game with a field of every kind that has a number.
type gauge struct {
	Rows Table[gaugeRow]
	In   Inputs[crowdInput]
}

type gaugeRow struct {
	X     float32    `sync:"min=-10,max=10,step=0.5"`
	Snap  float32    `sync:"min=0.25,max=10.25,step=0.5,predict"`
	Turn  float64    `sync:"angle,bits=8,tolerance=0.05"`
	Q     [4]float32 `sync:"quat,step=0.01"`
	Raw   float32    `sync:""`
	Big   int64      `sync:""`
	Ammo  int16      `sync:"owner"`
	Name  string     `sync:""`
	On    bool       `sync:""`
	Parts [2]uint8   `sync:"once"`
}

func (*gauge) Join(*World, *Player)  {}
func (*gauge) Leave(*World, *Player) {}
func (*gauge) Step(*World)           {}

func newGauge(t *testing.T) (*Instance, *gauge) {
	t.Helper()
	i, err := Define[gauge](Config{Name: "gauge"}).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return i, i.Game().(*gauge)
}

func TestMeasuresNameUnitsAndErrorsOfPublicNumbers(t *testing.T) {
	i, _ := newGauge(t)
	all, err := json.Marshal(i.Store(0).Measures())
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"name":"x","unit":0.0078125,"step":0.5,"tolerance":0.265625},` +
		`{"name":"snap","unit":0.0078125,"step":0.5,"predict":true},` +
		`{"name":"turn","unit":0.0003834951969714103,"step":0.02454369260617026,"tolerance":0.049854375606283335,"kind":"angle"},` +
		`{"name":"q.x","unit":0.00015625,"step":0.01,"tolerance":0.0053125,"kind":"quat"},{"name":"q.y","unit":0.00015625,"step":0.01,"tolerance":0.0053125},` +
		`{"name":"q.z","unit":0.00015625,"step":0.01,"tolerance":0.0053125},{"name":"q.w","unit":0.00015625,"step":0.01,"tolerance":0.0053125},` +
		`{"name":"raw","unit":1},{"name":"big.low","unit":1},{"name":"big.high","unit":1},{"name":"on","unit":1},{"name":"parts.0","unit":1},{"name":"parts.1","unit":1}]`
	if string(all) != want {
		t.Errorf("%s\nwant\n%s", all, want)
	}
}

func TestValuesAreMeasuredAsTheSimulationHasThem(t *testing.T) {
	i, g := newGauge(t)
	_, first := g.Rows.Spawn()
	_, r := g.Rows.Spawn()
	first.Name = "another"
	*r = gaugeRow{
		X:    20.007, // beyond its range: what a client would get is clamped, what is measured is not
		Snap: 0.75, Turn: 2*math.Pi + 0.1, Q: [4]float32{0, 0, 0.6, -0.8}, Raw: 1.5, Big: -2, On: true, Parts: [2]uint8{7, 200},
	}
	s := i.Store(0)
	slots := s.LiveSlots(nil)
	measures := s.Measures()
	got := make([]int32, len(measures))
	s.Measure(measures, slots[1], got)
	want := []int32{2561, 96, 261, 0, 0, 3840, -5120, int32(math.Float32bits(1.5)), -2, -1, 1, 7, 200}
	for k := range want {
		if got[k] != want[k] {
			t.Errorf("%s is %d, want %d", measures[k].Name, got[k], want[k])
		}
	}
	r.X, r.Turn = float32(math.NaN()), math.Inf(1)
	s.Measure(measures, slots[1], got)
	if got[0] != 0 || got[2] != 0 {
		t.Errorf("no numbers are %d and %d, want 0", got[0], got[2])
	}
	r.X = -1e30
	s.Measure(measures, slots[1], got)
	if got[0] != -math.MaxInt32 {
		t.Errorf("%d is the mark of an absent entity", got[0])
	}
	if n := testing.AllocsPerRun(10, func() { s.Measure(measures, slots[1], got) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
