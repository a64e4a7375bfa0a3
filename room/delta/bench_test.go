package delta

import (
	"fmt"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// perRow reports the time of one row beside that of one operation.
func perRow(b *testing.B, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

func eachSize(b *testing.B, fn func(b *testing.B, f *fleet, rows int)) {
	for _, rows := range []int{50, 200, 1000, 10000} {
		b.Run(fmt.Sprint("rows=", rows), func(b *testing.B) {
			f := newFleet(rows)
			for range 40 {
				f.step()
			}
			b.ReportAllocs()
			fn(b, f, rows)
			perRow(b, rows)
		})
	}
}

// BenchmarkPublish is Begin, Commit and the prologue, with the same targets anew.
func BenchmarkPublish(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		targets := make([][]int32, 5)
		for c := range targets {
			targets[c] = append(targets[c], f.stream.R(0, c)...)
		}
		n := int32(0)
		for b.Loop() {
			f.stream.Begin()
			for c := range targets {
				copy(f.stream.Targets(0, c), targets[c])
			}
			n++
			for c := range 2 { // something to correct, every tick
				for i, v := range f.stream.Targets(0, c) {
					f.stream.Targets(0, c)[i] = v + n*37&255
				}
			}
			f.stream.Commit()
			f.p.Reset(f.parts)
			f.p.Add(f.stream)
			f.p.Finish()
		}
	})
}

func BenchmarkEncodeStep(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		var buf []byte
		for b.Loop() {
			buf = f.stream.step(buf, &f.p)
		}
		b.ReportMetric(float64(len(buf))/float64(rows), "B/row")
	})
}

func BenchmarkEncodeSpan(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		var buf []byte
		for b.Loop() {
			buf = f.stream.span(buf, 4)
		}
		b.ReportMetric(float64(len(buf))/float64(rows), "B/row")
	})
}

func BenchmarkEncodeKeyframe(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		var buf []byte
		for b.Loop() {
			buf = f.stream.keyframe(buf)
		}
		b.ReportMetric(float64(len(buf))/float64(rows), "B/row")
	})
}

func BenchmarkDecodeStep(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		dec := NewDecoder(f.parts)
		if err := dec.Apply(f.tick, 1, 0, f.stream.Keyframe()); err != nil {
			b.Fatal(err)
		}
		f.step()
		deltas := append(append([]byte{}, f.header...), f.stream.Delta(1, &f.p)...)
		tick := f.tick
		for b.Loop() {
			dec.Group(1).Tick = tick - 1 // the same residuals again
			if err := dec.Apply(tick, 1, schema.HeadPrologue, deltas); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeKeyframe(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		dec := NewDecoder(f.parts)
		for b.Loop() {
			if err := dec.Apply(f.tick, 1, 0, f.stream.Keyframe()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHash(b *testing.B) {
	eachSize(b, func(b *testing.B, f *fleet, rows int) {
		for b.Loop() {
			hashRows(f.parts, f.stream.at(0).parts, int32(f.stream.now))
		}
	})
}
