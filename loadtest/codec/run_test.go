package codec

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/room/delta"
)

// ints is a trace of lossless fields, values frame by frame.
func ints(t *testing.T, entities int, names string, frames ...[]int32) *trace.Trace {
	t.Helper()
	tr := &trace.Trace{Header: trace.Header{TickRate: 60, Entities: entities}, Frames: frames}
	for _, name := range strings.Fields(names) {
		tr.Fields = append(tr.Fields, trace.Field{Name: name, Unit: 1})
	}
	if err := tr.Check(); err != nil {
		t.Fatal(err)
	}
	return tr
}

func mustRun(t *testing.T, tr *trace.Trace, sendRate int) *Result {
	t.Helper()
	r, err := Run(tr, sendRate)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Two entities, one lossless field, PROTOCOL.md section 4 bit by bit.
//
// The keyframe of 5 and 7:
//
//	 8  slot 1, form 2
//	 8  kind 0
//	 1  no strings
//	 5  num 2 rows
//	12  ids 1 and 1 more: any, p = 0, rice(0) of 2 and 2 is 110 each
//	16  column of R: any, p = 3, rice(3) of 10 and 14 is 10 and 3 bits each
//	 2  columns of V and k - 1: all zero
//	52 bits, 7 bytes
//
// The step from 6, 7, which were 5, 7 before, to 6, 9; predicted are 7 and 7:
//
//	 1  prologue: changes to the one before
//	 2  the part and its column are active
//	 2  no parameter changes: p = 1
//	 3  padding
//	 8  slot 1, form 0
//	 1  no strings
//	 1  no log
//	 2  survivors, mode 1: all awake
//	 1  column: any
//	 2  rice(1) of zz(-1) = 1: 0 and a bit
//	 4  rice(1) of zz(2) = 4: 110 and a bit
//	27 bits, 4 bytes
func TestATinyTraceCostsWhatAHandComputes(t *testing.T) {
	r := mustRun(t, ints(t, 2, "x", []int32{5, 7}, []int32{6, 7}, []int32{6, 9}), 0)
	if r.Keyframes.Count != 1 || r.Keyframes.Bytes != 7 {
		t.Errorf("keyframes %+v, want one of 7 bytes", r.Keyframes)
	}
	if want := (Spread{Mean: 4, P50: 4, P99: 4}); r.BytesPerFrame != want {
		t.Errorf("bytes a frame %+v, want %+v", r.BytesPerFrame, want)
	}
	if r.BytesPerEntity != 2 || r.BytesPerChangedEntity != 4 {
		t.Errorf("%v bytes an entity and %v a changed one, want 2 and 4", r.BytesPerEntity, r.BytesPerChangedEntity)
	}
	if got, want := r.KbitPerSecond, 4*8*60/1000.0; got != want {
		t.Errorf("%v kbit/s, want %v", got, want)
	}
	if f := r.Fields["x"]; f.BytesPerFrame != 7.0/8 || f.BitsPerEntity != 3.5 {
		t.Errorf("field x %+v, want 7 bits a frame", f)
	}
}

// wild is a trace of every kind of field whose entities come, go and jump.
func wild(seed uint64, frames int) *trace.Trace {
	rng := rand.New(rand.NewPCG(seed, 0))
	quat := func(name, kind string, step float64) trace.Field {
		return trace.Field{Name: name, Unit: 1e-5, Step: step, Kind: kind}
	}
	t := &trace.Trace{Header: trace.Header{TickRate: 60, Entities: 40, Fields: []trace.Field{
		{Name: "any", Unit: 0.001},
		{Name: "x", Unit: 0.0001, Step: 0.007, Tolerance: 0.0035}, // the step is no multiple of the unit's power
		{Name: "loose", Unit: 0.01, Step: 0.25, Tolerance: 0.9},
		{Name: "tight", Unit: 0.001, Step: 0.064, Tolerance: 0.01}, // below half a step
		{Name: "coarse", Unit: 1, Step: 1},
		{Name: "turn", Unit: 0.0001, Tolerance: 0.004, Kind: trace.KindAngle},
		quat("qx", trace.KindQuat, 0.002), quat("qy", "", 0), quat("qz", "", 0), quat("qw", "", 0),
		{Name: "lx", Unit: 1e-5, Kind: trace.KindQuat}, {Name: "ly", Unit: 1e-5}, {Name: "lz", Unit: 1e-5}, {Name: "lw", Unit: 1e-5},
	}}}
	state := make([][]float64, t.Entities)
	for e := range state {
		state[e] = make([]float64, 20)
	}
	for range frames {
		var frame []int32
		for e := range state {
			frame = append(frame, wildEntity(rng, state[e])...)
		}
		t.Frames = append(t.Frames, frame)
	}
	return t
}

// wildEntity moves an entity; s[19] says whether it is there.
func wildEntity(rng *rand.Rand, s []float64) []int32 {
	if rng.IntN(30) == 0 {
		s[19] = 1 - s[19]
	}
	for i := range 10 {
		s[i] += rng.NormFloat64() * 0.01
	}
	if rng.IntN(50) == 0 { // a jump
		s[1] += rng.NormFloat64() * 1000
		s[3] -= 55
	}
	values := []int32{int32(rng.Uint32() | 1), int32(s[1] * 1e4), int32(s[2] * 100), int32(s[3] * 1000), int32(s[4] * 1000), int32(s[5] * 1e5)}
	if rng.IntN(9) == 0 {
		values[0] = math.MaxInt32
	}
	q, _ := normalise([4]float64{s[6] + 0.001, s[7], s[8], s[9]})
	sign := float64(1 - 2*rng.IntN(2)) // a quaternion and its negative are the same
	for range 2 {
		for _, x := range q {
			values = append(values, int32(math.Round(x*sign*1e5)))
		}
	}
	if s[19] == 0 {
		values[0] = trace.Absent
	}
	return values
}

func TestEveryKindOfFieldComesBackExactOrWithinItsTolerance(t *testing.T) {
	for seed := range uint64(3) {
		for _, send := range []int{60, 20, 1} {
			r, err := Run(wild(seed, 400), send)
			if err != nil {
				t.Fatalf("seed %d, %d sends a second: %v", seed, send, err)
			}
			if want := 400 * send / 60; send > 1 && (r.Frames < want || r.Frames > want+1) {
				t.Errorf("%d frames sent, want %d", r.Frames, want)
			}
			for name, f := range r.Fields {
				if f.WireStep == 0 && f.MaxError != 0 || f.MaxError > f.Tolerance*(1+slack) {
					t.Errorf("%s: error %g, tolerance %g", name, f.MaxError, f.Tolerance)
				}
				if name != "any" && name != "coarse" && !strings.HasPrefix(name, "l") && f.MaxError < f.Tolerance/4 {
					t.Errorf("%s: error %g uses little of the tolerance %g", name, f.MaxError, f.Tolerance)
				}
			}
		}
	}
}

func TestBitsByFieldAddUpToTheBytes(t *testing.T) {
	r := mustRun(t, wild(7, 200), 60)
	sum := 0.0
	for _, f := range r.Fields {
		sum += f.BytesPerFrame
	}
	for _, bytes := range r.Overhead {
		sum += bytes
	}
	if math.Abs(sum-r.BytesPerFrame.Mean) > 1e-6 {
		t.Errorf("fields and overhead are %v bytes, frames %v", sum, r.BytesPerFrame.Mean)
	}
}

// A decoder whose numbers are changed behind its back must be found out, by frame,
// entity and field.
func TestAWrongValueIsNamed(t *testing.T) {
	tr := wild(3, 30)
	w, err := newWire(tr)
	if err != nil {
		t.Fatal(err)
	}
	frames := w.schedule(1)
	r, d, c := newReplay(w, 60), delta.NewDecoder(w.parts), newChecker(w)
	for i := range frames {
		deltas, flags := r.encode(&frames[i])
		if err := d.Apply(uint32(i), 1, flags, deltas); err != nil {
			t.Fatal(err)
		}
	}
	last := &frames[len(frames)-1]
	g := d.Group(1)
	for i := range w.fields {
		f := &w.fields[i]
		was := g.R(0, f.column)[2]
		g.R(0, f.column)[2] += 60 << f.bits
		var wrong *MismatchError
		err := c.check(last.number, last.values, r.stream, g)
		if !errors.As(err, &wrong) || wrong.Field != f.name || wrong.Frame != 29 || wrong.Entity != int(g.IDs(0)[2])-1 {
			t.Errorf("%s: %v", f.name, err)
		}
		if what := c.wrong(i, 2, last.values[wrong.Entity*len(tr.Fields):][:len(tr.Fields)]); what == "" {
			t.Errorf("%s: nothing wrong with the value itself", f.name)
		}
		g.R(0, f.column)[2] = was
	}
	if err := c.check(last.number, last.values, r.stream, g); err != nil {
		t.Errorf("put right again: %v", err)
	}
	g.V(0, w.fields[1].column)[2]++
	if err := c.check(last.number, last.values, r.stream, g); err == nil {
		t.Error("a wrong velocity was not noticed")
	}
}

func TestTracesThatCannotBeSentSayWhy(t *testing.T) {
	three := [][]int32{{1}, {2}, {math.MaxInt32}}
	number := func(f trace.Field) *trace.Trace {
		return &trace.Trace{Header: trace.Header{TickRate: 60, Entities: 1, Fields: []trace.Field{f}}, Frames: three}
	}
	quat := ints(t, 1, "a b c d", []int32{1, 0, 0, 0}, []int32{2, 0, 0, 0}, []int32{0, 0, 0, 0})
	quat.Fields[0].Kind, quat.Fields[0].Tolerance = trace.KindQuat, 1
	for _, c := range []struct {
		trace *trace.Trace
		send  int
		want  string
	}{
		{number(trace.Field{Name: "x", Unit: 1}), 25, "divide"},
		{number(trace.Field{Name: "x", Unit: 1}), 20, "frames are sent"},
		{number(trace.Field{Name: "x", Unit: 1, Step: 2}), 60, "field x: its values span"},
		{number(trace.Field{Name: "x", Unit: 1, Tolerance: 1e-6, Kind: trace.KindAngle}), 60, "bits"},
		{quat, 60, "frame 2, entity 0: the quaternion is zero"},
	} {
		if _, err := Run(c.trace, c.send); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestAnEmptyRoomCostsNextToNothing(t *testing.T) {
	gone := []int32{trace.Absent, trace.Absent}
	r := mustRun(t, ints(t, 2, "x", []int32{1, 2}, gone, gone, gone), 0)
	// A prologue of 2 bits, the group's slot and form.
	if r.BytesPerFrame.Mean != 2 || r.BytesPerEntity != 0 || r.BytesPerChangedEntity != 0 || r.EntitiesPerFrame != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}
