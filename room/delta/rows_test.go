package delta

import (
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// What has not been corrected since a clock was where it is again must not seem young.
func TestAgesOutliveTheirClock(t *testing.T) {
	parts := []schema.Part{{Columns: []schema.Column{column(8, 0)}}}
	s, dec := NewStream(parts, 1, 0, 4), NewDecoder(parts)
	var p Prologue
	tick := uint32(0)
	step := func() []byte {
		tick++
		s.Begin()
		if s.Rows(0) == 0 {
			s.Enter(0, 1)
		}
		s.Targets(0, 0)[0] = 1000
		s.Commit()
		p.Reset(parts)
		p.Add(s)
		p.Finish()
		return p.Whole()
	}
	step()
	if err := dec.Apply(tick, 1, 0, s.Keyframe()); err != nil {
		t.Fatal(err)
	}
	g := dec.Group(1)
	for _, clock := range []uint32{300, refreshEvery - 10, 2*refreshEvery - 10} {
		s.now, g.now = clock, int32(clock)
		for range 20 {
			deltas := append([]byte{}, step()...)
			if err := dec.Apply(tick, 1, schema.HeadPrologue, append(deltas, s.Delta(1, &p)...)); err != nil {
				t.Fatal(err)
			}
			if k := ageAt(int32(s.now), s.at(0).parts[0].block(2)[0]); k != maxAge {
				t.Fatalf("at %d the stream's value is %d send ticks old", s.now, k)
			}
			if k := g.AppendK(nil, 0, 0)[0]; k != maxAge {
				t.Fatalf("at %d the client's value is %d send ticks old", g.now, k)
			}
		}
	}
}
