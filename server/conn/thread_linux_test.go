package conn

import (
	"runtime"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// A game may lock its room's goroutine to a thread and forget to let go. The goroutines
// of conns cannot be switched to from there: the runtime would end the process.
func TestRoomThatIsLockedToAThreadStillReadsItsConns(t *testing.T) {
	for name, locks := range map[string]int{"once": 1, "as often as is let go at once": mostLocks} {
		t.Run(name, func(t *testing.T) {
			p, conns, peers := inRoom(t, 1, Options{})
			lock := func() {
				for range locks {
					runtime.LockOSThread()
				}
			}
			for range 3 {
				if err := peers[0].Send(ack()); err != nil {
					t.Fatal(err)
				}
				lock()
				p.Beat(time.Now())
				got := 0
				if err := conns[0].Receive(func(time.Time, *schema.ClientFrame) { got++ }); err != nil || got != 1 {
					t.Errorf("%d frames, %v", got, err)
				}
			}
		})
	}
}

func TestConnJoinsARoomThatIsLockedToAThread(t *testing.T) {
	p := NewPulse()
	o, s := inPulse(t, p, Options{})()
	if err := s.Send(ack()); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	_ = o.Receive(func(time.Time, *schema.ClientFrame) {}) // joins
	if err := s.Send(ack()); err != nil {
		t.Fatal(err)
	}
	p.Beat(time.Now())
	if err := o.Receive(func(time.Time, *schema.ClientFrame) {}); err != nil {
		t.Error(err)
	}
}

func BenchmarkUnlock(b *testing.B) {
	for b.Loop() {
		unlock()
	}
}
