package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// polled reports whether a shard reads b's socket.
func polled(b *Bot) bool {
	w := b.live.Load().tcp
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fd >= 0
}

// until waits for something that has to come.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatal("never: " + what)
		case <-tick.C:
		}
	}
}

// begin runs a bot until the returned end is called.
func begin(t *testing.T, b *Bot) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if notes := b.Counters.Notes(); len(notes) > 0 {
			t.Errorf("faults: %q", notes)
		}
	}
}

func received(b *Bot, n int64) func() bool {
	from := b.Counters.Received.Load()
	return func() bool { return b.Counters.Received.Load() >= from+n }
}

func TestAShardReadsASocketAndAGoroutineAnythingElse(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		s := newFakeServer(t)
		b := join(t, s, func(o *Options) {
			if hidden {
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					c, err := new(net.Dialer).DialContext(ctx, network, address)
					return unread{c}, err
				}
			}
		})
		end := begin(t, b)
		until(t, "20 snapshots", received(b, 20))
		if got := polled(b); got != (canPoll && !hidden) {
			t.Errorf("hidden %v: polled %v", hidden, got)
		}
		end()
	}
}

func TestALibrarysPingIsAnsweredAndTheBotPlaysOn(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, nil)
	end := begin(t, b)
	until(t, "20 snapshots", received(b, 20))
	s.mu.Lock()
	s.ping = true
	s.mu.Unlock()
	until(t, "a pong", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.pongs == 1
	})
	until(t, "20 more", received(b, 20))
	if polled(b) {
		t.Error("still polled after a frame that is the library's")
	}
	end()
}

func TestBotsOutliveTheirPacersReading(t *testing.T) {
	s := newFakeServer(t)
	p := NewPacer(1)
	ctx, cancel := context.WithCancel(context.Background())
	paced := make(chan struct{})
	go func() { defer close(paced); p.Run(ctx) }()
	b := join(t, s, func(o *Options) { o.Play, o.Pacer = PlayIdle, p })
	end := begin(t, b)
	until(t, "20 snapshots", received(b, 20))
	cancel()
	<-paced
	until(t, "20 more", received(b, 20))
	end()
}

func TestAPolledSocketTakesItsBacklogWhenItHasRoom(t *testing.T) {
	for _, back := range []bool{false, true} {
		var in, out atomic.Int64
		ours, theirs := pipe(t)
		_ = ours.(*net.TCPConn).SetWriteBuffer(4 << 10)
		w := newWire(ours, &in, &out)
		if _, err := w.detach(); err != nil {
			t.Skip(err)
		}
		want := bytes.Repeat([]byte("0123456789abcdef"), 60_000)
		for p := want; len(p) > 0; p = p[1000:] {
			if n, err := w.Write(p[:1000]); n != 1000 || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
		}
		if len(w.backlog) == 0 {
			t.Fatal("the kernel took it all")
		}
		if back {
			w.attach()
		}
		got := make([]byte, 0, len(want))
		for len(got) < len(want) {
			// The socket may have room a moment after what was read made it.
			_ = theirs.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			n, err := theirs.Read(got[len(got):cap(got)])
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			if got = got[:len(got)+n]; !back {
				w.drain()
			}
		}
		_ = theirs.SetReadDeadline(time.Time{})
		until(t, "all is counted", func() bool { return out.Load() == int64(len(want)) }) // after it was written
		if !bytes.Equal(got, want) || out.Load() != int64(len(want)) {
			t.Errorf("given back %v: what arrived is not what was written, of %d bytes %d counted", back, len(want), out.Load())
		}
		if !back {
			_ = w.Close()
			if _, err := theirs.Read(got[:1]); err != io.EOF {
				t.Errorf("after Close the other end reads %v", err)
			}
			w.attach()
		}
		_ = w.Close()
	}
}
