package bits

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// step is one symbol or flag of a section.
type step struct {
	symbol int // -1 is a flag that is not set, -2 one that is
	level  uint8
}

func (s step) write(w *Writer) {
	if s.symbol < 0 {
		w.Flags([]uint8{s.level&7<<4 + uint8(-1-s.symbol)*FlagSet}, s.levels())
		return
	}
	var levels [8]uint8
	levels[s.level&7] = s.level
	w.Symbols([]uint8{s.level&7<<4 | uint8(s.symbol)}, &levels)
}

func (s step) read(r *Reader) int {
	if s.symbol >= 0 {
		var got [1]uint8
		r.Symbols(got[:], []uint8{s.level})
		return int(got[0])
	}
	flag := []uint8{s.level & 7 << 4}
	r.Flags(flag, s.levels())
	if flag[0] == s.level&7<<4|FlagSet {
		return -2
	}
	return -1
}

// levels are those of flags, of which one is used.
func (s step) levels() *[8]uint8 {
	var levels [8]uint8
	levels[s.level&7] = s.level >> 4
	return &levels
}

// randomSection draws symbols as their levels expect them, or any, or the rarest.
func randomSection(rnd *rand.Rand) []step {
	steps := make([]step, rnd.IntN(200))
	kind := rnd.IntN(3)
	for i := range steps {
		s := step{level: uint8(rnd.UintN(Levels))}
		switch {
		case rnd.IntN(4) == 0:
			s.symbol = -1 - rnd.IntN(2)
		case kind == 0:
			s.symbol = rnd.IntN(Symbols)
		case kind == 1:
			s.symbol = Symbols - 1
		default:
			at := rnd.Uint32N(chanceAll)
			for at >= uint32(tables[s.level][s.symbol+1]) {
				s.symbol++
			}
		}
		steps[i] = s
	}
	return steps
}

func TestASectionBetweenCodesIsReadAsItWasWritten(t *testing.T) {
	forRandomCodes(t, func(rnd *rand.Rand, codes []code) error {
		var w Writer
		steps := randomSection(rnd)
		codes[0].write(&w)
		w.StartRange()
		positions := make([]int, len(steps))
		for i, s := range steps {
			positions[i] = w.Len()
			s.write(&w)
		}
		w.StopRange()
		w.Bits(0x5a, 7)
		b := w.Bytes()
		r := NewReader(b)
		codes[0].read(&r)
		r.StartRange()
		for i, s := range steps {
			if r.Pos() != positions[i] {
				return fmt.Errorf("step %d at bit %d, written at %d", i, r.Pos(), positions[i])
			}
			if got := s.read(&r); got != s.symbol {
				return fmt.Errorf("step %d of %v was read as %d", i, s, got)
			}
		}
		r.StopRange()
		if got := r.Bits(7); got != 0x5a || r.Err() != nil {
			return fmt.Errorf("behind the section: %x, %w", got, r.Err())
		}
		r.Align()
		if r.Remaining() != 0 {
			return fmt.Errorf("%d bits left", r.Remaining())
		}
		return nil
	})
}

func TestNoPrefixOfASectionIsReadAsTheWhole(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		steps := randomSection(rnd)
		var w Writer
		w.StartRange()
		for _, s := range steps {
			s.write(&w)
		}
		w.StopRange()
		b := w.Bytes()
		for n := range b {
			r := NewReader(b[:n])
			r.StartRange()
			same := true
			for _, s := range steps {
				same = s.read(&r) == s.symbol && same
			}
			r.StopRange()
			if r.Err() == nil && same {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	}
}

func TestNoiseInASectionEnds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 4))
	for range 2000 {
		b := make([]byte, rnd.IntN(40))
		for i := range b {
			b[i] = byte(rnd.Uint32()) | byte(255*rnd.IntN(2))
		}
		r := NewReader(b)
		r.StartRange()
		for _, s := range randomSection(rnd) {
			if got := s.read(&r); got < -2 || got >= Symbols {
				t.Fatalf("symbol %d", got)
			}
		}
		r.StopRange()
		if err := r.Err(); err != nil && !errors.Is(err, ErrShort) && !errors.Is(err, ErrCode) {
			t.Fatal(err)
		}
	}
}

func TestEveryLevelHasAShareForEverySymbol(t *testing.T) {
	for level := range Levels {
		sum := uint32(0)
		for symbol := range Symbols {
			share := Share(uint8(level), symbol)
			if share == 0 {
				t.Errorf("level %d has no share for symbol %d", level, symbol)
			}
			sum += share
		}
		if sum != chanceAll {
			t.Errorf("level %d has shares of %d in all", level, sum)
		}
	}
}

func TestASectionTakesAboutWhatItsChancesSay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 4))
	for _, level := range []uint8{0, 0x20, 0x53, 0x5b, 0x87, 0xf0} {
		var w Writer
		w.StartRange()
		ideal := 0.0
		for range 20000 {
			at, symbol := rnd.Uint32N(chanceAll), 0
			for at >= uint32(tables[level][symbol+1]) {
				symbol++
			}
			w.Symbols([]uint8{uint8(symbol)}, &[8]uint8{level})
			ideal -= math.Log2(float64(Share(level, symbol)) / chanceAll)
		}
		w.StopRange()
		if got := float64(len(w.Bytes()) * 8); got > ideal*1.005+24 {
			t.Errorf("level %x: %.0f bits, the chances say %.0f", level, got, ideal)
		}
	}
}
