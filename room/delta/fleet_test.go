package delta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// fleet is a stream of ships that wander: x, y and angle change every tick by a fresh
// random acceleration and turn, hp in 2 % of ticks.
type fleet struct {
	parts  []schema.Part
	stream *Stream
	p      Prologue
	header []byte
	rnd    *rand.Rand
	ships  []ship
	tick   uint32
	churn  bool // a ship leaves and one enters every tick
	asleep bool // none moves
	next   uint32
}

type ship struct {
	x, y, vx, vy, angle, turn float64
	hp                        int32
}

const (
	fleetStep = 0.05
	fleetTurn = 1 << 14 // units of a turn: 10 bits, and 4 below
	fleetSpan = 8000
)

func newFleet(ships int) *fleet {
	d := &schema.Descriptor{Tables: []schema.TableType{{Name: "ships", Fields: []schema.Field{
		{Name: "x", Kind: schema.KindQuantised, Bits: 18, Max: fleetSpan, Step: fleetStep, Tolerance: 8},
		{Name: "y", Kind: schema.KindQuantised, Bits: 18, Max: fleetSpan, Step: fleetStep, Tolerance: 8},
		{Name: "angle", Kind: schema.KindAngle, Bits: 10, Tolerance: 8},
		{Name: "hp", Kind: schema.KindUint, Bits: 8},
		{Name: "name", Kind: schema.KindString, Flags: schema.FlagOnce},
	}}}}
	f := &fleet{parts: d.Parts(), rnd: rand.New(rand.NewPCG(50, 20)), next: 1}
	f.stream = NewStream(f.parts, 1, 0, 32)
	for range ships {
		f.ships = append(f.ships, ship{x: f.rnd.Float64() * fleetSpan, y: f.rnd.Float64() * fleetSpan, hp: 100})
	}
	return f
}

func (s *ship) wander(rnd *rand.Rand) {
	const dt = 1.0 / 20
	s.vx = min(max(s.vx+(rnd.Float64()*2-1)*200*dt, -200), 200)
	s.vy = min(max(s.vy+(rnd.Float64()*2-1)*200*dt, -200), 200)
	if x := s.x + s.vx*dt; x < 0 || x > fleetSpan {
		s.vx = -s.vx
	}
	if y := s.y + s.vy*dt; y < 0 || y > fleetSpan {
		s.vy = -s.vy
	}
	s.x, s.y = s.x+s.vx*dt, s.y+s.vy*dt
	s.turn = min(max(s.turn+(rnd.Float64()*2-1)*6*dt, -3), 3)
	s.angle += s.turn * dt
	if rnd.IntN(50) == 0 {
		s.hp = rnd.Int32N(101)
	}
}

// step runs a send tick up to Finish.
func (f *fleet) step() {
	f.tick++
	s := f.stream
	s.Begin()
	if f.churn && s.Rows(0) > 0 {
		s.Leave(0, f.rnd.IntN(s.Rows(0)), Despawned, 0)
	}
	for s.Rows(0) < len(f.ships) {
		s.Enter(0, f.next)
		f.next++
	}
	for i := range f.ships {
		if !f.asleep {
			f.ships[i].wander(f.rnd)
		}
	}
	x, y, angle, hp, name := s.Targets(0, 0), s.Targets(0, 1), s.Targets(0, 2), s.Targets(0, 3), s.Targets(0, 4)
	for i := range f.ships {
		ship := &f.ships[i]
		x[i] = int32(math.Round(ship.x / fleetStep * 16))
		y[i] = int32(math.Round(ship.y / fleetStep * 16))
		angle[i] = int32(math.Round(ship.angle/(2*math.Pi)*fleetTurn)) & (fleetTurn - 1)
		hp[i] = ship.hp
		name[i] = s.Intern(s.R(0, 4)[i], "a ship")
	}
	s.Commit()
	f.p.Reset(f.parts)
	f.p.Add(s)
	f.p.Finish()
	f.header = f.p.Whole()
}

// quantised is what counts as a ship's state: the values in whole steps.
func (f *fleet) quantised(dst []int32) []int32 {
	dst = dst[:0]
	for i := range f.ships {
		for c := range 3 {
			dst = append(dst, (f.stream.R(0, c)[i]+8)>>4)
		}
		dst = append(dst, f.stream.R(0, 3)[i])
	}
	return dst
}

func TestBytesPerEntityUpdateOfAWanderingFleet(t *testing.T) {
	f := newFleet(50)
	for range 40 {
		f.step()
	}
	tally := NewTally(f.parts)
	dec := NewDecoder(f.parts)
	if err := dec.Apply(f.tick, 1, 0, f.stream.Keyframe()); err != nil {
		t.Fatal(err)
	}
	dec.SetTally(tally)
	seen := make([]map[int32]int, len(f.parts[0].Columns))
	updates, bytes := 0, 0
	before := f.quantised(nil)
	var now, deltas []byte
	var after []int32
	const ticks = 2000
	for tick := range ticks {
		f.step()
		now = f.stream.Delta(1, &f.p)
		header := f.header
		if tick > 0 {
			header = f.p.Changes()
		}
		deltas = append(append(deltas[:0], header...), now...)
		if err := dec.Apply(f.tick, 1, schema.HeadPrologue, deltas); err != nil {
			t.Fatal(err)
		}
		bytes += len(deltas)
		for c := range seen {
			seen[c] = count(seen[c], f.stream.residuals(0, c))
		}
		after = f.quantised(after)
		for i := range f.ships {
			if [4]int32(after[i*4:]) != [4]int32(before[i*4:]) {
				updates++
			}
		}
		before, after = after, before
	}
	if want, _ := f.stream.Hash(0); dec.Group(1).Hash() != want {
		t.Fatal("the client's copy is another")
	}
	per := float64(bytes) / float64(updates)
	t.Logf("%.3f bytes an update, %.1f a frame, %d updates in %d ticks; %d of %d rows awake", per, float64(bytes)/ticks, updates, ticks, tally.Awake, tally.Rows)
	for c, bits := range tally.Columns[0] {
		t.Logf("%-12s %.2f bits an update, entropy of the residuals %.2f", f.parts[0].Columns[c].Name, float64(bits)/float64(updates), entropy(seen[c]))
	}
	for kind, bits := range tally.Overhead {
		t.Logf("%-12s %.2f bits an update", Overhead(kind), float64(bits)/float64(updates))
	}
	if per > 1.65 {
		t.Errorf("%.2f bytes an update", per)
	}
}

func count(seen map[int32]int, values []int32) map[int32]int {
	if seen == nil {
		seen = map[int32]int{}
	}
	for _, v := range values {
		seen[v]++
	}
	return seen
}

// entropy returns the bits a value takes if only the values' frequencies are known.
func entropy(seen map[int32]int) float64 {
	total, bits := 0.0, 0.0
	for _, n := range seen {
		total += float64(n)
	}
	for _, n := range seen {
		bits -= float64(n) / total * math.Log2(float64(n)/total)
	}
	return bits
}

func TestASteadyStateAllocatesNothing(t *testing.T) {
	f := newFleet(50)
	f.churn = true
	dec := NewDecoder(f.parts)
	deltas := make([]byte, 0, 1<<16)
	at := uint32(0)
	tick := func() {
		f.step()
		for _, back := range []int{1, 2, 3, 4, 9, 20, 32} {
			f.stream.Delta(back, &f.p)
		}
		f.stream.Hash(0)
		f.stream.Hash(7)
		f.stream.Gone()
		f.stream.Keyframe()
		if f.tick%4 == 0 { // steps, then a span of 3
			return
		}
		piece := f.stream.Delta(int(f.tick-at), &f.p)
		if at == 0 || piece == nil {
			piece = f.stream.Keyframe()
		}
		at = f.tick
		deltas = append(append(deltas[:0], f.header...), piece...)
		if err := dec.Apply(f.tick, 1, schema.HeadPrologue, deltas); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		tick()
	}
	if n := testing.AllocsPerRun(400, tick); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}
