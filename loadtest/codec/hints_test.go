package codec

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace"
)

// restless is a trace of three entities whose numbers change at random: x quantised, y
// predicted, a an angle, hp lossless.
func restless(t *testing.T) *trace.Trace {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	tr := &trace.Trace{Header: trace.Header{TickRate: 20, Entities: 3, Fields: []trace.Field{
		{Name: "hp", Unit: 1},
		{Name: "x", Unit: 0.001, Step: 0.01, Tolerance: 0.005},
		{Name: "y", Unit: 0.01, Step: 0.02, Predict: true},
		{Name: "a", Unit: 0.001, Tolerance: 0.01, Kind: trace.KindAngle},
	}}}
	if err := tr.Check(); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		frame := make([]int32, 0, 12)
		for range 3 {
			frame = append(frame, int32(rng.IntN(3)), int32(rng.IntN(20_000)), 2*int32(rng.IntN(1000)), int32(rng.IntN(6283)))
		}
		tr.Frames = append(tr.Frames, frame)
	}
	return tr
}

func TestAHintIsWhatARunWithThatStepCosts(t *testing.T) {
	tr := restless(t)
	now := mustRun(t, tr, 10).BytesPerFrame.Mean
	hints, err := Hints(tr, 10)
	if err != nil || len(hints) != 9 {
		t.Fatalf("%v: %+v", err, hints)
	}
	for i, h := range hints {
		if want := []string{"x", "y", "a"}[i/3]; h.Field != want || h.Coarser != h.Step*[]float64{2, 5, 10}[i%3] {
			t.Errorf("hint %d: %+v", i, h)
		}
		if h.Saves <= 0 || h.Saves >= 0.5 || h.Saves != 1-h.BytesPerFrame/now {
			t.Errorf("%s at %g saves %v of %v bytes", h.Field, h.Coarser, h.Saves, now)
		}
		if i%3 > 0 && h.Field != "a" && h.Saves <= hints[i-1].Saves {
			t.Errorf("%s saves %v at %g, and %v at a finer step", h.Field, h.Saves, h.Coarser, hints[i-1].Saves)
		}
	}
	// An angle's step is a power of two of a turn: a coarser one may change nothing.
	wide := restless(t)
	wide.Fields[1].Step, wide.Fields[1].Tolerance = 0.05, 0.025
	if want := mustRun(t, wide, 10).BytesPerFrame.Mean; hints[1].BytesPerFrame != want {
		t.Errorf("x at 0.05: %v bytes a frame, a run of its own says %v", hints[1].BytesPerFrame, want)
	}
}

func TestAPredictedFieldIsPutOnTheCoarserSteps(t *testing.T) {
	tr := restless(t)
	before := tr.Frames[0][2]
	wide := widen(tr, 2, 5)
	for _, frame := range wide.Frames {
		for at := 2; at < len(frame); at += 4 {
			if frame[at]%10 != 0 {
				t.Fatalf("%d is on no step of 10", frame[at])
			}
		}
	}
	if tr.Frames[0][2] != before || tr.Fields[2].Step != 0.02 {
		t.Error("the trace itself was changed")
	}
	mustRun(t, wide, 0) // and comes out exact
}

func TestAQuaternionsHintIsOne(t *testing.T) {
	tr := &trace.Trace{Header: trace.Header{TickRate: 20, Entities: 1, Fields: []trace.Field{
		{Name: "qx", Unit: 0.00001, Tolerance: 0.001, Kind: trace.KindQuat}, {Name: "qy", Unit: 0.00001}, {Name: "qz", Unit: 0.00001}, {Name: "qw", Unit: 0.00001},
	}}}
	for i := range 20 {
		tr.Frames = append(tr.Frames, [][]int32{{100000, 0, 0, 0}, {70711, 0, 0, 70711}, {50000, 50000, 50000, 50000}}[i%3])
	}
	hints, err := Hints(tr, 0)
	if err != nil || len(hints) != 3 || hints[0].Field != "qx+qy+qz+qw" || hints[0].Step != 0.002 {
		t.Errorf("%v: %+v", err, hints)
	}
}

func TestThereIsNoHintForWhatCannotBeRun(t *testing.T) {
	if _, err := Hints(restless(t), 7); !errors.Is(err, ErrSendRate) {
		t.Errorf("a send rate of 7: %v", err)
	}
	short := restless(t)
	short.Frames = short.Frames[:2]
	if _, err := Hints(short, 0); err == nil {
		t.Error("two frames were enough")
	}
	if hints, err := Hints(ints(t, 1, "x", []int32{1}, []int32{2}, []int32{4}), 0); err != nil || len(hints) != 0 {
		t.Errorf("a lossless field: %v, %+v", err, hints)
	}
}
