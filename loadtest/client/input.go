package client

import (
	"math"
	"math/rand/v2"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
)

// inputBits returns how many bits one value of an input field takes; PROTOCOL.md 8.1.
func inputBits(f *schema.Field) uint {
	switch f.Kind {
	case schema.KindBool:
		return 1
	case schema.KindQuat:
		return 2 + 3*uint(f.Bits)
	default:
		return uint(f.Bits)
	}
}

// heldMask has a one for every bit of an input payload that stays when the input is
// repeated: all but the edge fields.
func heldMask(fields []schema.Field) []byte {
	var w bits.Writer
	for i := range fields {
		f := &fields[i]
		ones := uint32(math.MaxUint32)
		if f.Has(schema.FlagEdge) {
			ones = 0
		}
		for range max(1, int(f.Count)) {
			writeWide(&w, uint64(ones)<<32|uint64(ones), inputBits(f))
		}
	}
	return w.Bytes()
}

// writeWide writes the low n bits of v, n up to 64.
func writeWide(w *bits.Writer, v uint64, n uint) {
	w.Bits(uint32(v), min(n, 32))
	if n > 32 {
		w.Bits(uint32(v>>32), n-32)
	}
}

// randomInput appends a random input that the server must accept.
func randomInput(dst []byte, fields []schema.Field, rng *rand.Rand) []byte {
	var w bits.Writer
	w.Reset(dst)
	for i := range fields {
		f := &fields[i]
		for range max(1, int(f.Count)) {
			writeRandom(&w, f, rng)
		}
	}
	return w.Bytes()
}

func writeRandom(w *bits.Writer, f *schema.Field, rng *rand.Rand) {
	switch f.Kind {
	case schema.KindInt, schema.KindUint:
		v := rng.Uint64()
		if f.Min < f.Max {
			v = uint64(int64(f.Min)) + rng.Uint64N(uint64(int64(f.Max)-int64(f.Min))+1)
		}
		writeWide(w, v, uint(f.Bits))
	case schema.KindFloat:
		v := rng.Float64()*2 - 1
		if f.Bits == 32 {
			w.Bits(math.Float32bits(float32(v)), 32)
			return
		}
		writeWide(w, math.Float64bits(v), 64)
	case schema.KindQuantised:
		w.Bits(rng.Uint32N(uint32((f.Max-f.Min)/f.Step+0.5)+1), uint(f.Bits))
	case schema.KindQuat:
		// The identity: random components would rarely be a unit quaternion.
		w.Bits(3, 2)
		for range 3 {
			w.Bits(uint32(math.Sqrt(0.5)/f.Step+0.5), uint(f.Bits))
		}
	default:
		writeWide(w, rng.Uint64(), inputBits(f))
	}
}
