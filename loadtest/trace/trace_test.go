package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

func sample() *Trace {
	return &Trace{
		Header: Header{TickRate: 60, Entities: 2, Fields: []Field{
			{Name: "x", Unit: 0.0001, Step: 0.01, Tolerance: 0.005},
			{Name: "hp", Unit: 1},
		}},
		Frames: [][]int32{{1, 2, Absent, 0}, {-1, math.MaxInt32, 3, 4}},
	}
}

func written(t *testing.T, tr *Trace) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := tr.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The bytes of a trace are the format itself: a line of JSON, then little-endian int32.
func TestATraceIsAHeaderLineAndLittleEndianNumbers(t *testing.T) {
	const want = `{"tickRate":60,"entities":2,"fields":[{"name":"x","unit":0.0001,"step":0.01,"tolerance":0.005},{"name":"hp","unit":1}]}` + "\n" +
		"\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x80\x00\x00\x00\x00" +
		"\xff\xff\xff\xff\xff\xff\xff\x7f\x03\x00\x00\x00\x04\x00\x00\x00"
	if got := string(written(t, sample())); got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

func TestWhatWasWrittenIsReadPackedOrNot(t *testing.T) {
	plain := written(t, sample())
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	for _, data := range [][]byte{plain, packed.Bytes()} {
		got, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, sample()) {
			t.Errorf("%+v", got)
		}
	}
}

func TestAPackedTraceMayNotUnpackWithoutEnd(t *testing.T) {
	long := sample()
	for range 1000 {
		long.Frames = append(long.Frames, long.Frames[0])
	}
	plain := written(t, long)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	values := 4 * len(long.Frames)
	for _, c := range []struct {
		data             []byte
		most, mostPacked int
		want             string
	}{
		{plain, values, 0, ""},
		{plain, values - 1, values, "use a shorter one"},
		{packed.Bytes(), 0, values, ""},
		{packed.Bytes(), values, values - 1, "or unpack it first"},
	} {
		got, err := read(bytes.NewReader(c.data), c.most, c.mostPacked)
		switch {
		case c.want == "" && (err != nil || len(got.Frames) != 1002):
			t.Errorf("of %d values: %v", values, err)
		case c.want != "" && (err == nil || !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("of %d values where %d or %d packed are allowed: %v", values, c.most, c.mostPacked, err)
		}
	}
}

func TestEveryPrefixOfATraceIsAnErrorUnlessItEndsWithAFrame(t *testing.T) {
	data := written(t, sample())
	header := bytes.IndexByte(data, '\n') + 1
	for n := range len(data) {
		got, err := Read(bytes.NewReader(data[:n]))
		if n == header+16 {
			if err != nil || len(got.Frames) != 1 {
				t.Errorf("one whole frame: %v", err)
			}
			continue
		}
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
}

func TestAShortLastFrameIsNamed(t *testing.T) {
	data := written(t, sample())
	_, err := Read(bytes.NewReader(data[:len(data)-3]))
	if err == nil || !strings.Contains(err.Error(), "frame 1 has 13 of 16 bytes") {
		t.Error(err)
	}
}

func TestBadHeadersSayEverythingThatIsWrong(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{`{"tickRate":60`, "unexpected end"},
		{`[]`, "header"},
		{`{"tickRate":0,"entities":1,"fields":[{"name":"x","unit":1}]}`, "tickRate 0"},
		{`{"tickRate":60,"entities":0,"fields":[{"name":"x","unit":1}]}`, "entities 0"},
		{`{"tickRate":60,"entities":70000,"fields":[{"name":"x","unit":1}]}`, "entities 70000"},
		{`{"tickRate":60,"entities":1,"fields":[]}`, "no fields"},
		{`{"tickRate":0,"entities":0,"fields":[]}`, "no fields"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x"}]}`, "x: unit 0"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":-1}]}`, "x: unit -1"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"","unit":1}]}`, "field 0"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":1},{"name":"x","unit":1}]}`, "field 1"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":0.1,"step":0.01}]}`, "finer than unit"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":0.1,"step":-1}]}`, "step -1"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":0.1,"tolerance":-1}]}`, "tolerance -1"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":0.1,"step":1,"tolerance":0.01}]}`, "less than half of unit"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":1,"kind":"vec"}]}`, `kind "vec"`},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"x","unit":1,"kind":"quat"}]}`, "takes four fields"},
		{`{"tickRate":60,"entities":1,"fields":[{"name":"a","unit":1,"kind":"quat"},{"name":"b","unit":1},{"name":"c","unit":2},{"name":"d","unit":1}]}`, "same unit"},
		{`{"tickRate":60,"entities":65535,"fields":[` + strings.TrimSuffix(strings.Repeat(`{"name":"x","unit":1},`, 300), ",") + `]}`, "values a frame"},
	} {
		_, err := Read(strings.NewReader(c.header + "\n\x00\x00\x00\x00"))
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.header, err, c.want)
		}
	}
}

func TestAWriterRefusesFramesOfAnotherSize(t *testing.T) {
	w, err := NewWriter(io.Discard, sample().Header)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Frame(make([]int32, 3)); err == nil {
		t.Error("3 values of 4 were taken")
	}
	if _, err := NewWriter(io.Discard, Header{}); !errors.Is(err, ErrFormat) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	var buf bytes.Buffer
	if err := sample().Write(&buf); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := got.Write(&again); err != nil {
			t.Fatal(err)
		}
		if back, err := Read(&again); err != nil || !reflect.DeepEqual(got, back) {
			t.Fatalf("%v", err)
		}
	})
}
