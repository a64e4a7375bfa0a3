package schema

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
)

type readInput struct {
	tick    uint32
	payload string
}

func readAllInputs(b []byte, size int) (got []readInput, err error) {
	err = ReadInputs(b, size, func(tick uint32, payload []byte) {
		got = append(got, readInput{tick, string(payload)})
	})
	return got, err
}

func TestInputsComeBackAsAppended(t *testing.T) {
	for _, want := range [][]readInput{
		{{7, "ab"}},
		{{7, "ab"}, {8, "cd"}, {262, "ef"}},
		{{math.MaxUint32, "ab"}, {0, "cd"}, {1, "ef"}},
		{{1, ""}, {2, ""}},
		{{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "e"}, {6, "f"}, {7, "g"}, {8, "h"}},
	} {
		var b []byte
		for _, in := range want {
			b = AppendInput(b, in.tick, []byte(in.payload))
		}
		got, err := readAllInputs(b, len(want[0].payload))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %v, %v", want, got, err)
		}
	}
}

func TestInputsAreTheGoldenBytes(t *testing.T) {
	b := AppendInput(nil, 0x04030201, []byte{0xaa, 0xbb})
	b = AppendInput(b, 0x04030203, []byte{0xcc, 0xdd})
	if want := []byte{1, 2, 3, 4, 0, 0xaa, 0xbb, 2, 0xcc, 0xdd}; !bytes.Equal(b, want) {
		t.Errorf("got %x, want %x", b, want)
	}
}

func TestBadInputsAreRefusedWhole(t *testing.T) {
	nine := AppendInput(nil, 1, []byte{1})
	for tick := range uint32(MaxInputs) {
		nine = AppendInput(nine, tick+2, []byte{1})
	}
	for name, b := range map[string][]byte{
		"nothing":                      {},
		"a tick alone":                 {1, 0, 0, 0},
		"a first offset that is not 0": {1, 0, 0, 0, 1, 9},
		"an offset twice":              {1, 0, 0, 0, 0, 9, 3, 9, 3, 9},
		"an offset that falls":         {1, 0, 0, 0, 0, 9, 3, 9, 2, 9},
		"a record cut short":           {1, 0, 0, 0, 0, 9, 3},
		"nine inputs":                  nine,
	} {
		got, err := readAllInputs(b, 1)
		if !errors.Is(err, ErrMalformed) || len(got) > 0 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestEveryPrefixOfInputsFailsOrHoldsWholeRecords(t *testing.T) {
	b := AppendInput(nil, 5, []byte("abc"))
	b = AppendInput(b, 6, []byte("def"))
	for n := range b {
		got, err := readAllInputs(b[:n], 3)
		if whole := n == 4+4; (err == nil) != whole || (whole && len(got) != 1) {
			t.Errorf("%d bytes: %v, %v", n, got, err)
		}
	}
}

func TestReadingInputsAllocatesNothing(t *testing.T) {
	b := AppendInput(nil, 5, []byte("abc"))
	sum := uint32(0)
	n := testing.AllocsPerRun(100, func() {
		_ = ReadInputs(b, 3, func(tick uint32, _ []byte) { sum += tick })
	})
	if n != 0 || sum == 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzReadInputs(f *testing.F) {
	f.Add(AppendInput(nil, 5, []byte("abc")), 3)
	f.Add(AppendInput(AppendInput(nil, math.MaxUint32, nil), 4, nil), 0)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if size < 0 || size > MaxClientFrame {
			return
		}
		var again []byte
		err := ReadInputs(b, size, func(tick uint32, payload []byte) {
			again = AppendInput(again, tick, payload)
		})
		if err == nil && !bytes.Equal(again, b) {
			t.Errorf("%x was read as %x", b, again)
		}
	})
}
