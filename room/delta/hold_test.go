package delta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// turning plays ticks of a part of one angle, turned by turn, and returns the stream, its
// prologue and the bits of its last steps.
func turning(t *testing.T, ticks int, turn func(rnd *rand.Rand, tick, row int) int32) (s *Stream, p *Prologue, bits int) {
	t.Helper()
	const rows = 40
	parts := []schema.Part{{Columns: []schema.Column{column(8, 1<<14)}}}
	s, p = NewStream(parts, 1, 0, 4), new(Prologue)
	dec := NewDecoder(parts)
	rnd := rand.New(rand.NewPCG(31, 7))
	var angles [rows]int32
	for tick := range ticks {
		s.Begin()
		for row := range angles {
			if tick == 0 {
				s.Enter(0, uint32(row)+1)
			}
			angles[row] = (angles[row] + turn(rnd, tick, row)) & (1<<14 - 1)
		}
		copy(s.Targets(0, 0), angles[:])
		s.Commit()
		p.Reset(parts)
		p.Add(s)
		p.Finish()
		deltas, flags := s.Keyframe(), uint8(schema.HeadReset)
		if tick > 0 {
			deltas, flags = append(append([]byte{}, p.Whole()...), s.Delta(1, p)...), schema.HeadPrologue
		}
		if err := dec.Apply(uint32(tick), 1, flags, deltas); err != nil {
			t.Fatalf("tick %d: %v", tick, err)
		}
		if want, _ := s.Hash(0); dec.Group(1).Hash() != want {
			t.Fatalf("tick %d: the client has another state", tick)
		}
		if tick >= ticks-100 {
			bits += 8 * len(s.Delta(1, p))
		}
	}
	return s, p, bits
}

// byChance turns so far that every value is corrected.
func byChance(rnd *rand.Rand, _, _ int) int32 {
	if rnd.IntN(2) == 0 {
		return 26 + rnd.Int32N(375)
	}
	return -26 - rnd.Int32N(375)
}

func steadily(_ *rand.Rand, _, row int) int32 { return int32(row*30 - 600) }

func TestAColumnTurnedByChanceHoldsAndIsSmallerForIt(t *testing.T) {
	s, _, bits := turning(t, 300, byChance)
	if !s.holds(0, 0) {
		t.Fatal("it does not hold")
	}
	per, entropy := float64(bits)/100/40, math.Log2(750.0/17)
	t.Logf("%.2f bits a value, entropy %.2f", per, entropy)
	if per > entropy+0.7 { // as much as velocities would add, and the group's header
		t.Errorf("%.2f bits a value, entropy %.2f", per, entropy)
	}
}

func TestAColumnThatMovesOnDoesNotHold(t *testing.T) {
	if s, _, _ := turning(t, 300, steadily); s.holds(0, 0) {
		t.Error("it holds")
	}
}

func TestAColumnThatHeldLetsGoOnceItsValuesMoveOn(t *testing.T) {
	s, _, _ := turning(t, 300+5*triesHold, func(rnd *rand.Rand, tick, row int) int32 {
		if tick < 300 {
			return byChance(rnd, tick, row)
		}
		return steadily(rnd, tick, row)
	})
	if s.holds(0, 0) {
		t.Error("it still holds")
	}
}

func TestAStreamThatAPrologueDoesNotKnowYetEncodesNoStepWhereColumnsHold(t *testing.T) {
	_, p, _ := turning(t, 300, byChance)
	late := NewStream(p.parts, 2, 0, 4)
	for tick := range int32(3) {
		late.Begin()
		if tick == 0 {
			late.Enter(0, 1)
		}
		late.Targets(0, 0)[0] = 1000 * tick
		late.Commit()
		p.Reset(p.parts)
		if tick > 0 {
			p.Add(late)
		}
		p.Finish()
		if step := late.Delta(1, p); (step != nil) != (tick == 2) {
			t.Errorf("send tick %d: a step of %d bytes", tick, len(step))
		}
	}
}
