package delta

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// mover is an entity of a scene; x, y and angle are published.
type mover struct{ x, y, vx, vy, angle, spin float64 }

// scenes are worlds of different temper: what moves them from tick to tick.
var scenes = map[string]func(rnd *rand.Rand, m *mover){
	"wandering": func(rnd *rand.Rand, m *mover) {
		m.vx += (rnd.Float64()*2 - 1) * 10
		m.vy += (rnd.Float64()*2 - 1) * 10
		m.spin = (rnd.Float64()*2 - 1) * 3
	},
	"drifting": func(rnd *rand.Rand, m *mover) {
		if m.vx == 0 || rnd.IntN(200) == 0 {
			m.vx, m.vy, m.spin = rnd.NormFloat64()*40, rnd.NormFloat64()*40, rnd.NormFloat64()
		}
	},
	"circling": func(_ *rand.Rand, m *mover) {
		m.spin = 0.7
		m.vx, m.vy = 60*math.Cos(m.angle), 60*math.Sin(m.angle)
	},
	"mostly asleep": func(rnd *rand.Rand, m *mover) {
		m.vx, m.vy, m.spin = m.vx*0.9, m.vy*0.9, m.spin*0.9
		if math.Abs(m.vx)+math.Abs(m.vy) < 1 {
			m.vx, m.vy, m.spin = 0, 0, 0
		}
		if rnd.IntN(100) == 0 {
			m.vx, m.vy, m.spin = rnd.NormFloat64()*50, rnd.NormFloat64()*50, rnd.NormFloat64()*2
		}
	},
}

// sceneParts are a table whose x and y, or angle, are that much coarser than 0.02 and 12
// bits.
func sceneParts(tolerance uint16, coarseX float64, angleBits uint8) []schema.Part {
	d := &schema.Descriptor{Tables: []schema.TableType{{Name: "movers", Fields: []schema.Field{
		{Name: "x", Kind: schema.KindQuantised, Bits: 20, Max: 8000, Step: 0.02 * coarseX, Tolerance: tolerance},
		{Name: "y", Kind: schema.KindQuantised, Bits: 20, Max: 8000, Step: 0.02, Tolerance: tolerance},
		{Name: "angle", Kind: schema.KindAngle, Bits: angleBits, Tolerance: tolerance},
	}}}}
	return d.Parts()
}

// sceneBits plays a scene and returns the bits of its steps by column, and all of them.
// Values that are snapped lie on whole steps.
func sceneBits(move func(*rand.Rand, *mover), parts []schema.Part, coarseX float64, angleBits uint8, t *Trial) (columns [3]float64, all float64) {
	rnd := rand.New(rand.NewPCG(7, 8))
	movers := make([]mover, 60)
	for i := range movers {
		movers[i] = mover{x: 4000 + rnd.Float64()*100, y: 4000 + rnd.Float64()*100, angle: rnd.Float64() * 6}
	}
	ledger := NewLedger(parts)
	s := NewStream(parts, 1, 0, 8)
	s.SetLedger(ledger)
	if t != nil {
		t.Follow(s)
	}
	snapped := parts[0].Columns[0].Tolerance == snappedTolerance
	target := func(value, step float64) int32 {
		if snapped {
			return int32(math.Round(value/step)) * 16
		}
		return int32(math.Round(value / step * 16))
	}
	var p Prologue
	for tick := range 1500 {
		s.Begin()
		for i := range movers {
			if tick == 0 {
				s.Enter(0, uint32(i)+1)
			}
			m := &movers[i]
			move(rnd, m)
			m.x, m.y, m.angle = m.x+m.vx/20, m.y+m.vy/20, m.angle+m.spin/20
		}
		turn := int32(16) << angleBits
		for i := range movers {
			m := &movers[i]
			s.Targets(0, 0)[i] = target(m.x, 0.02*coarseX)
			s.Targets(0, 1)[i] = target(m.y, 0.02)
			s.Targets(0, 2)[i] = target(m.angle/(2*math.Pi), 16/float64(turn)) & (turn - 1)
		}
		s.Commit()
		p.Reset(parts)
		p.Add(s)
		p.Finish()
		if tick >= settling {
			s.Delta(1, &p)
		}
		ledger.Settle()
	}
	for c := range columns {
		columns[c] = float64(ledger.Made[ledger.Column(0, c)])
	}
	for _, bits := range ledger.Made[:ledger.width] {
		all += float64(bits)
	}
	return columns, all
}

// What is foretold may miss what is saved in truth, the bits that say which rows are
// awake included, by so much of the column's bits; it promises less rather than more.
const (
	tooMuch   = 0.16
	tooLittle = 0.18
	worthIt   = 0.10 // below that nobody is told
)

func TestATrialForetellsWhatACoarserStepSaves(t *testing.T) {
	hints := 0
	for name, move := range scenes {
		for _, tolerance := range []uint16{snappedTolerance, 8} {
			parts := sceneParts(tolerance, 1, 12)
			trial := NewTrial(parts)
			own, all := sceneBits(move, parts, 1, 12, trial)
			for at := range 2 * (scales - 1) {
				column, i := at%2*2, 1+at/2
				scale, bits := float64(trial.parts[0][column].scale[i]), uint8(12)
				if column == 2 {
					scale, bits = 1, bits-uint8(i)
				}
				_, less := sceneBits(move, sceneParts(tolerance, scale, bits), scale, bits, nil)
				saved, told := (all-less)/own[column], trial.Counted(0, column).Saving(i)
				t.Logf("%s, tolerance %d, column %d, scale %d: saves %.1f %% of its bits, foretold %.1f %%", name, tolerance, column, i, 100*saved, 100*told)
				if told < worthIt {
					continue
				}
				hints++
				if told > saved+tooMuch || told < saved-tooLittle {
					t.Errorf("%s: foretold %.1f %% of %.1f %%", name, 100*told, 100*saved)
				}
			}
		}
	}
	if hints < 20 {
		t.Errorf("only %d were worth telling", hints)
	}
}

func TestATrialAtItsOwnStepDoesWhatTheStreamDoes(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(t, seed, 2, 8)
		s, trial := w.groups[0].stream, NewTrial(w.parts)
		trial.Follow(s)
		for range 200 {
			w.step()
			for part := range w.parts {
				for c := range w.parts[part].Columns {
					col := &trial.parts[part][c]
					if col.scale[0] == 0 {
						continue
					}
					now, block := s.ring[s.head].parts[part].told(w.parts[part].Columns, int32(s.now)), blockOf(w.parts[part].Columns, c)
					for i, got := range col.state[0] {
						if want := now[block+i]; !slices.Equal(got[:len(want)], want) {
							t.Fatalf("seed %d: %s: block %d is %v, want %v", seed, w.parts[part].Columns[c].Name, i, got[:len(want)], want)
						}
					}
				}
			}
		}
		if x := trial.Counted(0, 0); x == nil || x.own() == 0 {
			t.Error("nothing was counted")
		}
		trial.Follow(nil)
		if s.trial != nil {
			t.Error("the stream is still followed")
		}
	}
}

func TestATrialForgetsARowThatItDidNotFollow(t *testing.T) {
	parts := sceneParts(8, 1, 12)
	s, trial := NewStream(parts, 1, 0, 4), NewTrial(parts)
	trial.Follow(s)
	tick := func(change func()) {
		s.Begin()
		change()
		for c := range parts[0].Columns {
			for row, id := range s.IDs(0) {
				s.Targets(0, c)[row] = int32(id) * 1000
			}
		}
		s.Commit()
	}
	tick(func() {
		for id := range uint32(trialRows + 10) {
			s.Enter(0, id+1)
		}
	})
	tick(func() {})
	tick(func() { s.Leave(0, 3, Despawned, 0) })
	if r := trial.parts[0][0].state[0][0][3]; r != (trialRows+10)*1000 {
		t.Errorf("row 3 is at %d", r)
	}
	if trial.newness[0][3] != settling-1 || trial.newness[0][4] != settling-2 {
		t.Errorf("row 3 counts in %d, row 4 in %d", trial.newness[0][3], trial.newness[0][4])
	}
}
