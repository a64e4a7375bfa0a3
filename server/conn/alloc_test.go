package conn

import (
	"runtime"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// unlimited lets a test send as fast as it can.
func unlimited() Options {
	return Options{Flood: Flood{FrameRate: 1e9, FrameBurst: 1e9, ByteRate: 1e12, ByteBurst: 1e12}}
}

// echoes returns a function that sends one frame each way and waits for both. It
// allocates nothing itself.
func echoes(t testing.TB, open opener) (echo func()) {
	o, s := open(t, unlimited())
	in, out, buf := conntest.AppendFrame(nil, fin|conntest.OpBinary, ack()), make([]byte, 600), make([]byte, 4096)
	_ = s.SetDeadline(time.Time{})
	got := 0
	count := func(time.Time, *schema.ClientFrame) { got++ }
	return func() {
		if _, err := s.Write(in); err != nil {
			t.Fatal(err)
		}
		for got = 0; got == 0; runtime.Gosched() {
			if err := o.conn.Receive(count); err != nil {
				t.Fatal(err)
			}
		}
		for !o.conn.Write(out) {
			runtime.Gosched()
		}
		for n := 0; n < len(out)+4; { // header of a frame of 126..65535 bytes
			m, err := s.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			n += m
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	eachKind(t, steadyState)
}

func steadyState(t *testing.T, open opener) {
	echo := echoes(t, open)
	for range 20 { // let the buffers grow
		echo()
	}
	// Not testing.AllocsPerRun: on one processor the three goroutines would take turns
	// of 10 ms.
	const frames = 500
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range frames {
		echo()
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > frames/10 { // the runtime's own now and then
		t.Errorf("%d allocations for %d frames each way", n, frames)
	}
}

func BenchmarkFrameEachWay(b *testing.B) {
	for name, open := range kinds() {
		b.Run(name, func(b *testing.B) { frameEachWay(b, open) })
	}
}

func frameEachWay(b *testing.B, open opener) {
	echo := echoes(b, open)
	b.ReportAllocs()
	for b.Loop() {
		echo()
	}
}
