package delta

import (
	"math"
	"math/bits"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// coding is how the values of a column are told: PROTOCOL.md's p, and what follows it.
//
//	| p:5 | p up to 29: Rice code with that parameter |
//	| 30:5 top:12 | even code up to top |
//	| 31:5 rice:4 | only the values that are not zero, and where they are |
type coding struct {
	p   uint8
	arg uint16 // top of an even code, or the Rice parameter of sparse values
}

const (
	maxRice     = 29
	even        = 30
	sparse      = 31
	evenBits    = 12
	sparseBits  = 4
	sparseLimit = 1<<sparseBits - 1
)

func (c coding) write(w *bitcode.Writer) {
	w.Bits(uint32(c.p), 5)
	switch c.p {
	case even:
		w.Bits(uint32(c.arg), evenBits)
	case sparse:
		w.Bits(uint32(c.arg), sparseBits)
	}
}

func (c *coding) read(r *bitcode.Reader) {
	c.p, c.arg = uint8(r.Bits(5)), 0
	switch c.p {
	case even:
		c.arg = uint16(r.Bits(evenBits))
	case sparse:
		c.arg = uint16(r.Bits(sparseBits))
	}
}

// Values are counted by their zigzag numbers: one by one below 16, then in eight bins an
// octave while an even code may end there, then in one.
const (
	binsAlone  = 16
	binsEven   = binsAlone + 8*(evenBits-4)
	binsAll    = binsEven + 32 - evenBits
	binsOctave = 3 // bits
)

type bins [binsAll]uint32

func binOf(v uint32) int {
	if v < binsAlone {
		return int(v)
	}
	size := bits.Len32(v)
	if size > evenBits {
		return binsEven + size - evenBits - 1
	}
	return binsAlone + (size-5)<<binsOctave + int(v>>(size-1-binsOctave)&(1<<binsOctave-1))
}

// binStarts holds the smallest value of each bin, and 2^32 behind the last.
var binStarts = func() (all [binsAll + 1]uint64) {
	for bin := range all {
		all[bin] = leastOf(bin)
	}
	return all
}()

func leastOf(bin int) uint64 {
	switch {
	case bin < binsAlone:
		return uint64(bin)
	case bin >= binsEven:
		return 1 << (evenBits + bin - binsEven)
	}
	octave, part := (bin-binsAlone)>>binsOctave, (bin-binsAlone)&(1<<binsOctave-1)
	return uint64(1<<binsOctave+part) << (octave + 1)
}

func (b *bins) add(v int32) { b[binOf(bitcode.Zigzag(v))]++ }

// survey is what prices are made from.
type survey struct {
	counted    *bins
	before     [binsAll + 1]uint32 // how many values the bins before have
	end        int                 // behind the last bin with a value
	values     uint64              // how many
	notZero    uint64
	magnitudes float64 // sum of the zigzag numbers
}

func (b *bins) survey() survey {
	s := survey{counted: b}
	sum := uint32(0)
	for bin, n := range b {
		if n > 0 {
			s.end = bin + 1
			s.magnitudes += float64(n) * float64(binStarts[bin]+binStarts[bin+1]-1) / 2
		}
		sum += n
		s.before[bin+1] = sum
	}
	s.values = uint64(sum)
	s.notZero = s.values - uint64(b[0])
	return s
}

// best returns the coding that is cheapest, and its price. Another than the one used must
// be cheaper by margin.
func (s *survey) best(used coding, margin int64) (coding, int64) {
	best, price := used, s.price(used)
	least := price - margin
	try := func(c coding, cost int64) {
		if cost < least {
			best, price, least = c, cost, cost
		}
	}
	likely := int(s.likely().p)
	for p := max(likely-1, 0); p <= min(likely+1, maxRice); p++ {
		if c := (coding{p: uint8(p)}); c != used {
			try(c, s.price(c))
		}
	}
	if s.notZero*4 < s.values {
		likely = bits.Len64(uint64(s.magnitudes) / max(s.notZero, 1))
		for p := max(likely-2, 0); p <= min(likely, sparseLimit); p++ {
			c := coding{sparse, uint16(p)}
			try(c, s.price(c))
		}
	}
	s.evens(func(top uint16, cost int64) { try(coding{even, top}, cost) })
	return best, price
}

// likely returns the Rice code that fits the mean.
func (s *survey) likely() coding {
	return coding{p: uint8(min(max(bits.Len64(uint64(s.magnitudes)/max(s.values, 1))-1, 0), maxRice))}
}

// price estimates the bits that the values and what follows p take in a coding, times fix.
func (s *survey) price(c coding) int64 {
	switch c.p {
	case even:
		top, escaped := uint32(c.arg), uint64(0)
		for bin := binOf(top); bin < s.end; bin++ {
			escaped += uint64(s.counted[bin]) * escapedLen(bin)
		}
		return s.even(top, escaped)
	case sparse:
		if s.notZero == 0 {
			return 0
		}
		place := int64(float64(s.notZero) * (2 + math.Log2(float64(s.values)/float64(s.notZero))) * fix)
		return sparseBits*fix + place + s.rice(uint(c.arg), 1)
	}
	return s.rice(uint(c.p), 0)
}

// rice prices Rice codes of the values from a bin on.
func (s *survey) rice(p uint, from int) int64 {
	halves := uint64(0)
	for bin := from; bin < s.end; bin++ {
		n := uint64(s.counted[bin])
		if n == 0 {
			continue
		}
		quotients := binStarts[bin]>>p + (binStarts[bin+1]-1)>>p // of both ends
		if quotients >= 2*16 {
			halves += n * 2 * (16 + 32)
		} else {
			halves += n * (quotients + 2 + 2*uint64(p))
		}
	}
	return int64(halves * fix / 2)
}

// evens prices the even codes whose top is the end of a bin, as long as few values escape.
func (s *survey) evens(yield func(top uint16, price int64)) {
	escaped := uint64(0)
	for bin := s.end; bin > 1 && s.values-uint64(s.before[bin]) < s.values/8+1; bin-- {
		if bin < s.end {
			escaped += uint64(s.counted[bin]) * escapedLen(bin)
		}
		if bin < binsEven {
			top := uint32(binStarts[bin])
			yield(uint16(top), s.even(top, escaped))
		}
	}
}

// even prices the even code up to top, with the bits of what follows it.
func (s *survey) even(top uint32, escaped uint64) int64 {
	each := uint64(bits.Len32(top + 1))
	return int64((evenBits + escaped + s.values*each - s.below(bitcode.EvenShort(top), binOf(top))) * fix)
}

// escapedLen is at most what follows the top of an even code for a value of that bin.
func escapedLen(bin int) uint64 { return 5 * uint64(1+(bits.Len64(binStarts[bin+1])-1)/4) }

// below counts the values less than v, of those in the bins before end.
func (s *survey) below(v uint32, end int) uint64 {
	last := binOf(v)
	n := uint64(s.before[min(last, end)])
	if last < end {
		first, behind := binStarts[last], binStarts[last+1]
		n += uint64(s.counted[last]) * (uint64(v) - first) / (behind - first)
	}
	return n
}
