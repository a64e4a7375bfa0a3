package bits

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// code is one code with its arguments: what was written and must be read.
type code struct {
	form  string
	value uint32
	param uint // width, or the parameter of rice
}

func (c code) write(w *Writer) {
	switch c.form {
	case "bits":
		w.Bits(c.value, c.param)
	case "bool":
		w.Bool(c.value != 0)
	case "num":
		w.Num(c.value)
	case "rice":
		w.Rice(c.value, c.param)
	case "leb":
		w.Leb(c.value)
	}
}

func (c code) read(r *Reader) uint32 {
	switch c.form {
	case "bits":
		return r.Bits(c.param)
	case "bool":
		if r.Bool() {
			return 1
		}
		return 0
	case "num":
		return r.Num()
	case "rice":
		return r.Rice(c.param)
	}
	return r.Leb()
}

func randomCode(rnd *rand.Rand) code {
	c := code{
		form:  []string{"bits", "bool", "num", "rice", "leb"}[rnd.IntN(5)],
		value: rnd.Uint32() >> rnd.UintN(33),
	}
	switch c.form {
	case "bits":
		c.param = rnd.UintN(33)
		c.value &= uint32(uint64(1)<<c.param - 1)
	case "bool":
		c.value &= 1
	case "rice":
		c.param = rnd.UintN(31)
	}
	return c
}

func randomCodes(rnd *rand.Rand) []code {
	codes := make([]code, 1+rnd.IntN(60))
	for i := range codes {
		codes[i] = randomCode(rnd)
	}
	return codes
}

func write(codes []code) []byte {
	var w Writer
	for _, c := range codes {
		c.write(&w)
	}
	return w.Bytes()
}

// forRandomCodes runs a test on many sequences of codes and names the seed that fails.
func forRandomCodes(t *testing.T, check func(*rand.Rand, []code) error) {
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		codes := randomCodes(rnd)
		if err := check(rnd, codes); err != nil {
			t.Fatalf("seed %d: %v: %v", seed, codes, err)
		}
	}
}

func TestReadingGivesWhatWasWritten(t *testing.T) {
	forRandomCodes(t, func(_ *rand.Rand, codes []code) error {
		b := write(codes)
		r := NewReader(b)
		for i, c := range codes {
			if got := c.read(&r); got != c.value {
				return fmt.Errorf("code %d was read as %d", i, got)
			}
		}
		r.Align()
		if r.Err() != nil || r.Remaining() != 0 || r.Pos() != len(b)*8 {
			return fmt.Errorf("%w, %d bits left", r.Err(), r.Remaining())
		}
		return nil
	})
}

func TestEveryPrefixFails(t *testing.T) {
	forRandomCodes(t, func(_ *rand.Rand, codes []code) error {
		b := write(codes)
		for n := range b {
			r := NewReader(b[:n])
			for _, c := range codes {
				c.read(&r)
			}
			if !errors.Is(r.Err(), ErrShort) {
				return fmt.Errorf("%d of %d bytes: got %w", n, len(b), r.Err())
			}
			if r.Remaining() != 0 {
				return fmt.Errorf("%d bits left after an error", r.Remaining())
			}
		}
		return nil
	})
}

func TestLenCountsTheBitsWritten(t *testing.T) {
	forRandomCodes(t, func(_ *rand.Rand, codes []code) error {
		var w Writer
		for _, c := range codes {
			before := w.Len()
			c.write(&w)
			if c.form == "rice" && w.Len()-before != RiceLen(c.value, c.param) {
				return fmt.Errorf("%v takes %d bits, RiceLen says %d", c, w.Len()-before, RiceLen(c.value, c.param))
			}
		}
		if want := (w.Len() + 7) / 8; len(w.Bytes()) != want {
			return fmt.Errorf("%d bytes, want %d", len(w.Bytes()), want)
		}
		return nil
	})
}

// Codes read from noise must end, stay inside the buffer and give zeros after an error.
func TestNoiseNeverPanics(t *testing.T) {
	forRandomCodes(t, func(rnd *rand.Rand, codes []code) error {
		noise := make([]byte, rnd.IntN(40))
		for i := range noise {
			noise[i] = byte(rnd.Uint32())
		}
		r := NewReader(noise)
		for _, c := range codes {
			failed := r.Err() != nil
			if v := c.read(&r); failed && v != 0 {
				return fmt.Errorf("%v gave %d after an error", c, v)
			}
			if r.Pos() > len(noise)*8 {
				return fmt.Errorf("position %d of %d bits", r.Pos(), len(noise)*8)
			}
		}
		return nil
	})
}

func TestCodesAreTheGoldenBits(t *testing.T) {
	for name, c := range map[string]struct {
		codes []code
		want  []byte
	}{
		"least significant bit first": {[]code{{"bits", 1, 1}, {"bits", 2, 2}, {"bits", 0x15, 5}}, []byte{0xad}},
		"num of 15 in one chunk":      {[]code{{"num", 15, 0}}, []byte{0x0f}},
		"num of 16 in two":            {[]code{{"num", 16, 0}}, []byte{0x30, 0x00}},
		"num of 2^32-1 in eight":      {[]code{{"num", math.MaxUint32, 0}}, []byte{0xff, 0xff, 0xff, 0xff, 0x7f}},
		"rice of 5 with 1":            {[]code{{"rice", 5, 1}}, []byte{0x0b}},
		"rice of 15 with 0":           {[]code{{"rice", 15, 0}}, []byte{0xff, 0x7f}},
		"rice escaped at 16":          {[]code{{"rice", 16, 0}}, []byte{0xff, 0xff, 0x10, 0, 0, 0}},
		"leb aligns":                  {[]code{{"bits", 1, 1}, {"leb", 300, 0}}, []byte{0x01, 0xac, 0x02}},
	} {
		if got := write(c.codes); !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x, want %x", name, got, c.want)
		}
	}
}

func TestInvalidCodesAreErrors(t *testing.T) {
	ones := bytes.Repeat([]byte{0xff}, 9)
	for name, read := range map[string]func(*Reader){
		"num of nine chunks":       func(r *Reader) { r.Num() },
		"padding that is not zero": func(r *Reader) { r.Bits(3); r.Align() },
	} {
		r := NewReader(ones)
		if read(&r); !errors.Is(r.Err(), ErrCode) {
			t.Errorf("%s: got %v", name, r.Err())
		}
	}
	r := NewReader(ones)
	if r.Leb(); r.Err() == nil {
		t.Error("leb of more than 32 bits: no error")
	}
}

func TestTheFirstErrorIsKept(t *testing.T) {
	r := NewReader([]byte{0xff})
	r.Bits(1)
	r.Align()
	r.Bits(32)
	if !errors.Is(r.Err(), ErrCode) {
		t.Errorf("got %v", r.Err())
	}
}

func TestZigzagIsItsOwnInverseAndKeepsSmallNumbersSmall(t *testing.T) {
	for i, v := range []int32{0, -1, 1, -2, 2} {
		if Zigzag(v) != uint32(i) {
			t.Errorf("zigzag of %d is %d", v, Zigzag(v))
		}
	}
	rnd := rand.New(rand.NewPCG(2, 2))
	for range 10_000 {
		v := int32(rnd.Uint32())
		if got := Unzigzag(Zigzag(v)); got != v {
			t.Fatalf("%d became %d", v, got)
		}
	}
	if Unzigzag(Zigzag(math.MinInt32)) != math.MinInt32 || Zigzag(math.MinInt32) != math.MaxUint32 {
		t.Error("the least number is lost")
	}
}

func TestLebRefusesWhatDoesNotFit(t *testing.T) {
	for _, b := range [][]byte{nil, {0x80}, {0x80, 0x80, 0x80, 0x80}, {0xff, 0xff, 0xff, 0xff, 0x1f}, {0x80, 0x80, 0x80, 0x80, 0x80, 0}} {
		if v, n := Leb(b); v != 0 || n != 0 {
			t.Errorf("%x: %d in %d bytes", b, v, n)
		}
	}
	if v, n := Leb([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 9}); v != math.MaxUint32 || n != 5 {
		t.Errorf("2^32-1: %d in %d bytes", v, n)
	}
}

func TestWritingAndReadingAllocateNothing(t *testing.T) {
	codes := randomCodes(rand.New(rand.NewPCG(3, 3)))
	var w Writer
	buf := make([]byte, 0, 4096)
	n := testing.AllocsPerRun(100, func() {
		w.Reset(buf)
		for _, c := range codes {
			c.write(&w)
		}
		r := NewReader(w.Bytes())
		for _, c := range codes {
			c.read(&r)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(uint64(0), write(randomCodes(rand.New(rand.NewPCG(0, 1)))))
	f.Fuzz(func(t *testing.T, seed uint64, b []byte) {
		r := NewReader(b)
		rnd := rand.New(rand.NewPCG(seed, 1))
		var codes []code
		for r.Err() == nil && r.Remaining() > 0 {
			c := randomCode(rnd)
			c.value = c.read(&r)
			codes = append(codes, c)
		}
		if r.Err() != nil {
			codes = codes[:len(codes)-1]
		}
		again := NewReader(write(codes))
		for i, c := range codes {
			if got := c.read(&again); got != c.value {
				t.Fatalf("code %d: %v was written and read as %d", i, c, got)
			}
		}
	})
}

func BenchmarkRice(b *testing.B) {
	var w Writer
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		w.Reset(buf)
		for v := range uint32(1000) {
			w.Rice(v&31, 3)
		}
		r := NewReader(w.Bytes())
		for range 1000 {
			r.Rice(3)
		}
	}
}

func TestResidualsAreTheRiceCodesOfEach(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 2000 {
		p, shift := uint(rnd.IntN(31)), rnd.IntN(32)
		values := make([]int32, rnd.IntN(70))
		for i := range values {
			values[i] = int32(rnd.Uint32()) >> shift
		}
		var one, each Writer
		lead := uint(rnd.IntN(32))
		one.Bits(5, lead)
		each.Bits(5, lead)
		one.Residuals(values, p)
		for _, v := range values {
			each.Rice(Zigzag(v), p)
		}
		if n := one.Len(); n != each.Len() || !bytes.Equal(one.Bytes(), each.Bytes()) {
			t.Fatalf("round %d: %v with %d: %d bits, want %d", round, values, p, n, each.Len())
		}
	}
}
