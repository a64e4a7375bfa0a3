package schema

import (
	"bytes"
	"testing"
)

func TestSnapshotFrameIsWhatServerFrameMakes(t *testing.T) {
	plain, whole := NewBuilder(0), NewBuilder(0)
	for n := range 2000 {
		deltas := bytes.Repeat([]byte{byte(n), 0xff, 7}, n)[:n]
		f := ServerFrame{HasSnapshot: true, Deltas: deltas, Snapshot: SnapshotHead{
			Tick: uint32(n) * 0x01234567, InputAck: uint16(n) * 0x101,
			InputHealth: int8(n), Flags: uint8(n),
		}}
		want := whole.ServerFrame(&f)
		got := plain.SnapshotFrame(&f.Snapshot, deltas[:n/3], nil, deltas[n/3:])
		if !bytes.Equal(append(got, make([]byte, -n&3)...), want) {
			t.Fatalf("%d bytes of deltas:\n% x, want\n% x", n, got, want)
		}
	}
}

func TestSnapshotFrameAllocatesNothing(t *testing.T) {
	b, deltas := NewBuilder(0), make([]byte, 600)
	h := &SnapshotHead{Tick: 1}
	b.SnapshotFrame(h, deltas, deltas)
	if n := testing.AllocsPerRun(100, func() { b.SnapshotFrame(h, deltas, deltas) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	f := fullSnapshot(200, 0)
	b.Run("ServerFrame", func(b *testing.B) {
		builder := NewBuilder(0)
		for b.Loop() {
			builder.ServerFrame(f)
		}
	})
	b.Run("SnapshotFrame", func(b *testing.B) {
		builder := NewBuilder(0)
		for b.Loop() {
			builder.SnapshotFrame(&f.Snapshot, f.Deltas)
		}
	})
}
