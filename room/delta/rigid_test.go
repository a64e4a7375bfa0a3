package delta

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// rigids are rigid bodies in a box, as a physics engine would tell them: where they are and
// how they are turned. Those that are awake fly, tumble, and bounce off the walls.
type rigids struct {
	parts  []schema.Part
	stream *Stream
	p      Prologue
	ticks  [][][]int32 // targets by tick and column
	at, by int         // the tick that is shown, and by how many it goes on
}

type rigid struct {
	pos, vel, spin [3]float64
	rot            [4]float64
}

const (
	rigidBox  = 40.0 // metres from wall to wall
	rigidRate = 30.0 // send ticks a second
)

// newRigids prepares bodies of which so many are awake. They are exact, or with an error of
// half a centimetre, and half a thousandth of a quaternion.
func newRigids(bodies, awake, ticks int, exact bool) *rigids {
	f := &rigids{by: 1}
	table := schema.TableType{Name: "bodies"}
	steps := map[bool]float64{true: 0.01, false: 0.001}
	for _, name := range []string{"x", "y", "z", "qx", "qy", "qz", "qw"} {
		field := schema.Field{Name: name, Kind: schema.KindInt, Bits: 32}
		if !exact {
			field = schema.Field{Name: name, Kind: schema.KindQuantised, Bits: 16, Max: rigidBox, Step: steps[name[0] != 'q'], Tolerance: 8}
		}
		table.Fields = append(table.Fields, field)
	}
	f.parts = (&schema.Descriptor{Tables: []schema.TableType{table}}).Parts()
	f.stream = NewStream(f.parts, 1, 0, 45)
	rnd := rand.New(rand.NewPCG(7, 250))
	all := make([]rigid, bodies)
	for i := range all {
		all[i] = newRigid(rnd)
	}
	for range ticks {
		f.show(all, exact)
		for i := range awake {
			all[i*bodies/awake].move(rnd)
		}
	}
	return f
}

func newRigid(rnd *rand.Rand) (r rigid) {
	for i := range r.pos {
		r.pos[i] = rnd.Float64() * rigidBox
		r.vel[i] = rnd.NormFloat64() * 2
		r.spin[i] = rnd.NormFloat64() * 0.3
	}
	r.rot[3] = 1
	return r
}

// move goes on by a send tick. Now and then a body is hit.
func (r *rigid) move(rnd *rand.Rand) {
	hit := rnd.IntN(150) == 0
	for i := range r.pos {
		r.pos[i] += r.vel[i] / rigidRate
		if r.pos[i] < 0 || r.pos[i] > rigidBox {
			r.pos[i] = min(max(r.pos[i], 0), rigidBox)
			r.vel[i], hit = -r.vel[i], true
		}
	}
	if hit {
		for i := range r.spin {
			r.vel[i] += rnd.NormFloat64()
			r.spin[i] = rnd.NormFloat64() * 0.3
		}
	}
	x, y, z, w := r.rot[0], r.rot[1], r.rot[2], r.rot[3]
	a, b, c := r.spin[0]/rigidRate/2, r.spin[1]/rigidRate/2, r.spin[2]/rigidRate/2
	r.rot = [4]float64{x + a*w + b*z - c*y, y + b*w + c*x - a*z, z + c*w + a*y - b*x, w - a*x - b*y - c*z}
	length := math.Hypot(math.Hypot(r.rot[0], r.rot[1]), math.Hypot(r.rot[2], r.rot[3]))
	for i := range r.rot {
		r.rot[i] /= length
	}
}

// show appends where the bodies are as the next tick's targets.
func (f *rigids) show(all []rigid, exact bool) {
	targets := make([][]int32, 7)
	grain := 16.0
	if exact {
		grain = 1
	}
	for i := range all {
		for c, x := range all[i].pos {
			targets[c] = append(targets[c], int32(math.Round(x*100*grain)))
		}
		for c, x := range all[i].rot {
			targets[3+c] = append(targets[3+c], int32(math.Round((x+1)*1000*grain)))
		}
	}
	f.ticks = append(f.ticks, targets)
}

// step runs a send tick up to the bytes. Behind the last tick the film runs backwards.
func (f *rigids) step() (head, step []byte) {
	f.stream.Begin()
	targets := f.ticks[f.at]
	for id := f.stream.Rows(0); id < len(targets[0]); id++ {
		f.stream.Enter(0, uint32(id+1))
	}
	for c, values := range targets {
		copy(f.stream.Targets(0, c), values)
	}
	if f.at+f.by < 0 || f.at+f.by == len(f.ticks) {
		f.by = -f.by
	}
	f.at += f.by
	f.stream.Commit()
	f.p.Reset(f.parts)
	f.p.Add(f.stream)
	f.p.Finish()
	return f.p.Changes(), f.stream.Delta(1, &f.p)
}

// eachRigids runs fn on bodies that all move, and on a pile of which few do.
func eachRigids(b *testing.B, fn func(b *testing.B, f *rigids)) {
	for _, s := range []struct{ bodies, awake int }{{250, 250}, {901, 81}} {
		b.Run(fmt.Sprintf("rows=%d/awake=%d", s.bodies, s.awake), func(b *testing.B) {
			f := newRigids(s.bodies, s.awake, 128, s.awake < s.bodies)
			for range 64 {
				f.step()
			}
			b.ReportAllocs()
			fn(b, f)
			perRow(b, s.bodies)
		})
	}
}

// BenchmarkRigid is a send tick of rigid bodies: publish, prologue and step.
func BenchmarkRigid(b *testing.B) {
	eachRigids(b, func(b *testing.B, f *rigids) {
		bytes, n := 0, 0
		for b.Loop() {
			head, step := f.step()
			bytes, n = bytes+len(head)+len(step), n+1
		}
		b.ReportMetric(float64(bytes)/float64(n)/float64(f.stream.Rows(0)), "B/row")
	})
}

// BenchmarkRigidDecode is what a client does with their steps.
func BenchmarkRigidDecode(b *testing.B) {
	eachRigids(b, func(b *testing.B, f *rigids) {
		keyframe := append([]byte{}, f.stream.Keyframe()...)
		var frames [][]byte
		for range 100 {
			head, step := f.step()
			if len(frames) == 0 {
				head = f.p.Whole()
			}
			frames = append(frames, append(append([]byte{}, head...), step...))
		}
		dec := NewDecoder(f.parts)
		for tick := uint32(0); b.Loop(); tick++ {
			if tick %= 100; tick == 0 {
				if err := dec.Apply(tick, 1, schema.HeadReset, keyframe); err != nil {
					b.Fatal(err)
				}
			}
			if err := dec.Apply(tick+1, 1, schema.HeadPrologue, frames[tick]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
