package pile

import (
	"math"

	"github.com/roomtick/roomtick/loadtest/trace"
)

// What the trace's integers are worth: positions in 1/512 metre; numbers of a rotation
// in 1/32767, or nine bits for the range that all but the largest can have.
const (
	perMetre  = 512
	perNumber = 32767
	nineBits  = 511
)

func (s Scene) header() trace.Header {
	h := trace.Header{TickRate: tickRate, Entities: s.Cubes + 1}
	for _, name := range []string{"x", "y", "z"} {
		h.Fields = append(h.Fields, trace.Field{Name: name, Unit: 1.0 / perMetre})
	}
	if s.Smallest {
		h.Fields = append(h.Fields, trace.Field{Name: "largest", Unit: 1})
		for _, name := range []string{"a", "b", "c"} {
			h.Fields = append(h.Fields, trace.Field{Name: name, Unit: math.Sqrt2 / nineBits})
		}
		return h
	}
	for _, name := range []string{"qx", "qy", "qz", "qw"} {
		h.Fields = append(h.Fields, trace.Field{Name: name, Unit: 1.0 / perNumber})
	}
	h.Fields[3].Kind = trace.KindQuat
	return h
}

func (s Scene) appendBody(frame []int32, b *body) []int32 {
	for _, x := range b.pos {
		frame = append(frame, int32(math.Round(x*perMetre)))
	}
	if s.Smallest {
		return appendSmallest(frame, b.rot)
	}
	for _, x := range b.rot {
		frame = append(frame, int32(math.Round(x*perNumber)))
	}
	return frame
}

// appendSmallest leaves the largest component out, which is made positive.
func appendSmallest(frame []int32, q quat) []int32 {
	best := 0
	for i := range q {
		if math.Abs(q[i]) > math.Abs(q[best]) {
			best = i
		}
	}
	sign := math.Copysign(1, q[best])
	frame = append(frame, int32(best))
	for i, x := range q {
		if i != best {
			frame = append(frame, int32(math.Round((x*sign/math.Sqrt2+0.5)*nineBits)))
		}
	}
	return frame
}
