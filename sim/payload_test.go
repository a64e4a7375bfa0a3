package sim

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/roomtick/roomtick/schema/bits"
)

// parcel has every kind that can travel in an event.
type parcel struct {
	On     bool
	A      int8
	B      int16 `sync:"min=-3,max=900"`
	C      int64
	D      uint64 `sync:"min=5,max=1000000"`
	E      float32
	F      float64
	G      float32    `sync:"min=-2,max=2,step=0.25"`
	H      float64    `sync:"min=0,max=1000,step=0.01"`
	Angle  float32    `sync:"angle,bits=7"`
	Spin   [4]float32 `sync:"quat,step=0.01"`
	Name   string     `sync:"max=9"`
	List   [3]uint16
	Names  [2]string
	At     vec
	Phase  phase
	Unsure uint32
}

func parcelRecord(t testing.TB) *record {
	t.Helper()
	var m mistakes
	r := compileRecord(reflect.TypeFor[parcel](), useEvent, &m)
	if err := m.err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func randomParcel(r *rand.Rand) parcel {
	return parcel{
		On: r.IntN(2) == 0, A: int8(r.Uint32()), B: int16(r.Uint32()), C: int64(r.Uint64()), D: r.Uint64(),
		E: math.Float32frombits(r.Uint32()), F: math.Float64frombits(r.Uint64()),
		G: float32(r.NormFloat64() * 2), H: r.Float64() * 1100, Angle: float32(r.NormFloat64() * 9),
		Spin: randomQuat(r.NormFloat64), Name: strings.Repeat("é", r.IntN(7)),
		List: [3]uint16{uint16(r.Uint32()), 1, 2}, Names: [2]string{"a", "\xffb"},
		At: vec{1.5, -3}, Phase: phase(r.Uint32()), Unsure: r.Uint32(),
	}
}

func TestPayloadsComeBackTheSameOnceTheyAreOnTheWireGrid(t *testing.T) {
	r := seeded(t, 41)
	rec := parcelRecord(t)
	for range 20000 {
		in := randomParcel(r)
		first := rec.appendPayload(nil, unsafe.Pointer(&in))
		if err := rec.checkPayload(first); err != nil {
			t.Fatalf("%+v is refused: %v", in, err)
		}
		var out parcel
		rec.readPayload(first, unsafe.Pointer(&out))
		if second := rec.appendPayload(nil, unsafe.Pointer(&out)); !bytes.Equal(first, second) {
			t.Fatalf("%+v becomes %x, which reads as %+v and becomes %x", in, first, out, second)
		}
		if out.On != in.On || out.A != in.A || out.C != in.C || out.Unsure != in.Unsure || out.At != in.At {
			t.Fatalf("%+v reads as %+v", in, out)
		}
	}
}

func TestEveryPrefixOfAPayloadFails(t *testing.T) {
	r := seeded(t, 42)
	rec := parcelRecord(t)
	in := randomParcel(r)
	whole := rec.appendPayload(nil, unsafe.Pointer(&in))
	for n := range whole {
		if err := rec.checkPayload(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are accepted", n, len(whole))
		}
	}
	if err := rec.checkPayload(append(whole, 0)); !errors.Is(err, errLength) {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestHostileValuesAreRefused(t *testing.T) {
	type small struct {
		G float32 `sync:"min=0,max=5,step=0.5"` // n to 10 in 4 bits
		I int8    `sync:"min=-2,max=3"`
	}
	type text struct {
		S string `sync:"max=3"`
	}
	type raw struct{ F float32 }
	type wide struct{ F float64 }
	type spin struct {
		Q [4]float32 `sync:"quat,step=0.5"` // n to 2 in 2 bits
	}
	for name, c := range map[string]struct {
		of   reflect.Type
		bits []uint32 // value and width in turn
		want error
	}{
		"n above the range":       {reflect.TypeFor[small](), []uint32{11, 4, 0, 8}, errRange},
		"n at the range's end":    {reflect.TypeFor[small](), []uint32{10, 4, 0, 8}, nil},
		"integer below its range": {reflect.TypeFor[small](), []uint32{0, 4, 0xfd, 8}, errRange},
		"integer above its range": {reflect.TypeFor[small](), []uint32{0, 4, 4, 8}, errRange},
		"padding":                 {reflect.TypeFor[small](), []uint32{0, 4, 0, 8, 8, 4}, errPadding},
		"text too long":           {reflect.TypeFor[text](), []uint32{4, 16, 0x61616161, 32}, errText},
		"text not UTF-8":          {reflect.TypeFor[text](), []uint32{2, 16, 0xffc3, 16}, errText},
		"text longer than it is":  {reflect.TypeFor[text](), []uint32{3, 16, 0x61, 8}, errLength},
		"NaN":                     {reflect.TypeFor[raw](), []uint32{0x7fc00000, 32}, errNotFinite},
		"infinity":                {reflect.TypeFor[raw](), []uint32{0xff800000, 32}, errNotFinite},
		"wide NaN":                {reflect.TypeFor[wide](), []uint32{1, 32, 0x7ff00000, 32}, errNotFinite},
		"quat component":          {reflect.TypeFor[spin](), []uint32{0, 2, 3, 2, 0, 4}, errRange},
		"nothing":                 {reflect.TypeFor[raw](), nil, errLength},
	} {
		var m mistakes
		rec := compileRecord(c.of, useEvent, &m)
		var w bits.Writer
		for n := 0; n < len(c.bits); n += 2 {
			w.Bits(c.bits[n], uint(c.bits[n+1]))
		}
		if err := rec.checkPayload(w.Bytes()); !errors.Is(err, c.want) || m.err() != nil {
			t.Errorf("%s: %v, want %v (%v)", name, err, c.want, m.err())
		}
	}
}

func TestTextIsCutAtTheEndOfARune(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
		cut  bool
	}{
		{"abc", 3, "abc", false}, {"abcd", 3, "abc", true}, {"aéé", 4, "aé", true}, {"日本", 2, "", true},
		{"a\xffb", 9, "ab", true}, {"", 1, "", false}, {"\xff\xff", 1, "", true},
	} {
		if got, cut := cutText(c.in, c.max); got != c.want || cut != c.cut {
			t.Errorf("cutText(%q, %d) = %q, %v; want %q, %v", c.in, c.max, got, cut, c.want, c.cut)
		}
	}
}

func TestDefinitionsCheckWhatClientsSend(t *testing.T) {
	i, _ := newArena(t)
	d := i.def
	if d.InputSize() != len(inputPayload(i, controls{})) {
		t.Errorf("InputSize is %d", d.InputSize())
	}
	if err := d.CheckInput(make([]byte, d.InputSize()+1)); !errors.Is(err, errLength) {
		t.Errorf("a long input: %v", err)
	}
	if err := d.CheckInput(inputPayload(i, controls{Turn: 1, Thrust: 1})); err != nil {
		t.Errorf("a good input: %v", err)
	}
	for typ, want := range map[uint32]error{0: errEventType, 1: errLength, 2: errEventType, 3: errEventType, 1<<32 - 1: errEventType} {
		if err := d.CheckEvent(typ, nil); !errors.Is(err, want) {
			t.Errorf("event %d: %v, want %v", typ, err, want)
		}
	}
}

func TestCheckingAndReadingInputsAllocatesNothing(t *testing.T) {
	i, _ := newArena(t)
	i.Join(PlayerInfo{Seat: 0})
	payload := inputPayload(i, controls{Turn: 1, Thrust: 1, Fire: true})
	if n := testing.AllocsPerRun(100, func() {
		if i.def.CheckInput(payload) != nil {
			t.Error("refused")
		}
		i.ApplyInput(0, payload)
		i.MergeLate(0, payload)
	}); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

func FuzzPayload(f *testing.F) {
	rec := parcelRecord(f)
	in := randomParcel(rand.New(rand.NewPCG(1, 1)))
	f.Add(rec.appendPayload(nil, unsafe.Pointer(&in)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if rec.checkPayload(b) != nil {
			return
		}
		var out, again parcel
		rec.readPayload(b, unsafe.Pointer(&out))
		second := rec.appendPayload(nil, unsafe.Pointer(&out))
		if err := rec.checkPayload(second); err != nil {
			t.Fatalf("%x reads as %+v, which is refused: %v", b, out, err)
		}
		rec.readPayload(second, unsafe.Pointer(&again))
		if third := rec.appendPayload(nil, unsafe.Pointer(&again)); !bytes.Equal(second, third) {
			t.Fatalf("%x becomes %x and then %x", b, second, third)
		}
	})
}
