package schema

import (
	"bytes"
	"slices"
	"testing"
)

func fullSnapshot(deltas, events int) *ServerFrame {
	f := &ServerFrame{
		HasSnapshot: true,
		Snapshot:    SnapshotHead{Tick: 1 << 31, InputAck: 8, InputHealth: 6, Flags: 5},
		Deltas:      bytes.Repeat([]byte{0xd7}, deltas),
	}
	if events > 0 {
		payload := bytes.Repeat([]byte{0xe5}, events)
		f.Events, f.EventSeq = AppendServerEvent(nil, 1, 2, payload), 1<<31
	}
	return f
}

func TestSnapshotEnvelopeIsAtMost40Bytes(t *testing.T) {
	b := NewBuilder(0)
	longest := 0
	for deltas := range 700 {
		f := fullSnapshot(deltas, 0)
		longest = max(longest, len(b.ServerFrame(f))-deltas)
	}
	t.Logf("longest envelope: %d bytes", longest)
	if longest > 40 {
		t.Errorf("envelope of %d bytes", longest)
	}
}

func TestSnapshotEnvelopeWithEventsIsAtMost56Bytes(t *testing.T) {
	b := NewBuilder(0)
	longest := 0
	for deltas := range 40 {
		for events := 1; events < 20; events++ {
			f := fullSnapshot(deltas, events)
			longest = max(longest, len(b.ServerFrame(f))-deltas-len(f.Events))
		}
	}
	t.Logf("longest envelope: %d bytes", longest)
	if longest > 56 {
		t.Errorf("envelope of %d bytes", longest)
	}
}

func TestBuildingASnapshotFrameAllocatesNothing(t *testing.T) {
	b := NewBuilder(0)
	f := fullSnapshot(600, 30)
	f.HasClock = true
	b.ServerFrame(f)
	if n := testing.AllocsPerRun(100, func() { b.ServerFrame(f) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBuildingAClientFrameAllocatesNothing(t *testing.T) {
	b := NewBuilder(0)
	samples := sampleClientFrames()
	f := samples[len(samples)-1].frame
	b.ClientFrame(&f)
	if n := testing.AllocsPerRun(100, func() { b.ClientFrame(&f) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestParsingASnapshotFrameAllocatesNothing(t *testing.T) {
	frame := fullSnapshot(600, 30)
	frame.HasClock = true
	raw := NewBuilder(0).ServerFrame(frame)
	var f ServerFrame
	var err error
	if n := testing.AllocsPerRun(100, func() { err = ParseServerFrame(raw, &f) }); n != 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}

func TestParsingAnInputFrameAllocatesNothing(t *testing.T) {
	samples := sampleClientFrames()
	frame := samples[len(samples)-1].frame
	frame.HasHello = false // its strings are copied
	raw := NewBuilder(0).ClientFrame(&frame)
	var f ClientFrame
	var err error
	if n := testing.AllocsPerRun(100, func() { err = ParseClientFrame(raw, &f) }); n != 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}

func TestAFrameDoesNotDependOnTheOneBefore(t *testing.T) {
	used := NewBuilder(0)
	for _, s := range sampleServerFrames() {
		fresh := slices.Clone(NewBuilder(0).ServerFrame(&s.frame))
		if got := used.ServerFrame(&s.frame); !bytes.Equal(got, fresh) {
			t.Errorf("%s: %x, from a fresh builder %x", s.name, got, fresh)
		}
	}
	for _, s := range sampleClientFrames() {
		fresh := slices.Clone(NewBuilder(0).ClientFrame(&s.frame))
		if got := used.ClientFrame(&s.frame); !bytes.Equal(got, fresh) {
			t.Errorf("%s: %x, from a fresh builder %x", s.name, got, fresh)
		}
	}
}

func BenchmarkParseInputFrame(b *testing.B) {
	frame := sampleClientFrames()[2].frame
	raw := NewBuilder(0).ClientFrame(&frame)
	var f ClientFrame
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseClientFrame(raw, &f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseSnapshotFrame(b *testing.B) {
	raw := NewBuilder(0).ServerFrame(fullSnapshot(600, 0))
	var f ServerFrame
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseServerFrame(raw, &f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuildSnapshotFrame(b *testing.B) {
	builder := NewBuilder(0)
	f := fullSnapshot(600, 0)
	b.ReportAllocs()
	for b.Loop() {
		builder.ServerFrame(f)
	}
}
