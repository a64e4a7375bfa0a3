package conn

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// isTaken reports whether Run has the conn back from its room.
func isTaken(c *Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link.raw == nil
}

// endsWithin waits for the end of a conn whose peer lets it wait for ever.
func endsWithin(t *testing.T, o opened) error {
	t.Helper()
	select {
	case err := <-o.ended:
		return err
	case <-time.After(20 * closeTimeout):
		t.Fatal("the conn has not ended")
		return nil
	}
}

func TestSocketTakenBackIsLeftToItselfByItsRoom(t *testing.T) {
	p, conns, peers := inRoom(t, 2, Options{})
	gone, other := conns[0], conns[1]
	if !gone.Write(make([]byte, 8<<20)) { // Run waits for this client to read it
		t.Fatal("not taken")
	}
	gone.Close(schema.CloseKicked, nil)
	conntest.Poll(t, "Run has the conn", func() bool { return isTaken(gone.Conn) })
	for _, s := range peers {
		if err := s.Send(ack()); err != nil {
			t.Fatal(err)
		}
	}
	d := gone.Conn.pulsed.(*pulsed)
	conntest.Poll(t, "its slot is free", func() bool { p.Beat(time.Now()); return d.slot < 0 })
	if p.unsent != 0 {
		t.Errorf("the room still waits for %d sockets to take more", p.unsent)
	}
	got := 0
	conntest.Poll(t, "the other conn is read", func() bool {
		p.Beat(time.Now())
		_ = other.Receive(func(time.Time, *schema.ClientFrame) { got++ })
		return got > 0
	})
}

// Ten thousand rooms of two must not need more files than their sockets.
func TestPulsesTakeNoFilesBesideTheirSockets(t *testing.T) {
	const rooms, ends = 20, 2 // of a socket, both in this process
	inRoom(t, 1, Options{})   // what a first one opens beside
	before := sockets(t)
	for range rooms {
		inRoom(t, 1, Options{})
	}
	// Each has a listener of its own here.
	if got, most := sockets(t)-before, rooms*(ends+1); got > most {
		t.Errorf("%d rooms of one conn opened %d files; want %d", rooms, got, most)
	}
}

func TestClientThatReadsNothingCannotKeepAConnFromEnding(t *testing.T) {
	for name, end := range map[string]func(o opened, s *conntest.Socket){
		"closed by its room": func(o opened, _ *conntest.Socket) { o.Close(schema.CloseKicked, []byte("goodbye")) },
		"ended by its client, which still could read": func(_ opened, s *conntest.Socket) {
			_ = s.Conn.(*net.TCPConn).CloseWrite()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, conns, peers := inRoom(t, 1, Options{})
			if !conns[0].Write(make([]byte, 8<<20)) {
				t.Fatal("not taken")
			}
			// Without its own deadline the conn must not be saved by the kernel's.
			if err := unix.SetsockoptInt(conns[0].Conn.pulsed.(*pulsed).fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 0); err != nil {
				t.Fatal(err)
			}
			end(conns[0], peers[0])
			conntest.Poll(t, "Run has the conn", func() bool {
				p.Beat(time.Now())
				return isTaken(conns[0].Conn)
			})
			if err := endsWithin(t, conns[0]); err == nil {
				t.Error("it ended without a reason")
			}
		})
	}
}

// fill writes tiny frames until the socket does not take another byte, and for a while
// not, and returns how many were taken. Nothing of them is left over in the process.
func fill(t *testing.T, c opened, s *conntest.Socket) (frames int) {
	t.Helper()
	_ = s.Conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	const calm = 30 // looks in a row at which nothing was taken
	same := 0
	conntest.Poll(t, "the socket is full", func() bool {
		same++
		for c.Write([]byte{1, 2}) { // four bytes: pages are full with whole ones
			frames++
			same = 0
		}
		return same > calm
	})
	return frames
}

func TestPongsForAFullSocketWaitAndComeWholeAndInOrder(t *testing.T) {
	p, conns, peers := inRoom(t, 1, Options{})
	frames := fill(t, conns[0], peers[0])
	d := conns[0].Conn.pulsed.(*pulsed)
	if len(d.rest) > 0 {
		t.Fatalf("%d bytes wait already", len(d.rest))
	}
	const pings = 20
	for i := range byte(pings) {
		if err := peers[0].Raw(conntest.AppendFrame(nil, fin|conntest.OpPing, []byte{i, 'x'})); err != nil {
			t.Fatal(err)
		}
		p.Beat(time.Now())
	}
	if len(d.rest) == 0 {
		t.Fatal("nothing waits: was the socket full?")
	}
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		conntest.Poll(t, "the rest is sent", func() bool { return !p.Beat(time.Now()) })
	}()
	for i := range frames {
		if first, _, err := peers[0].Frame(); err != nil || first != fin|conntest.OpBinary {
			t.Fatalf("frame %d of %d: %#x, %v", i, frames, first, err)
		}
	}
	for i := range byte(pings) {
		if first, payload, err := peers[0].Frame(); err != nil || first != fin|conntest.OpPong || !bytes.Equal(payload, []byte{i, 'x'}) {
			t.Fatalf("pong %d: %#x %q, %v", i, first, payload, err)
		}
	}
	<-beaten
}

func TestPingsOfAClientThatReadsNothingEndItsConn(t *testing.T) {
	p, conns, peers := inRoom(t, 1, unlimited())
	fill(t, conns[0], peers[0])
	d := conns[0].Conn.pulsed.(*pulsed)
	ping := conntest.AppendFrame(nil, fin|conntest.OpPing, bytes.Repeat([]byte{'x'}, 125))
	go func() {
		for range 3 * maxRest / len(ping) {
			if peers[0].Raw(ping) != nil {
				return
			}
		}
	}()
	conntest.Poll(t, "the conn ends", func() bool {
		p.Beat(time.Now())
		if len(d.rest) > maxRest {
			t.Fatalf("%d bytes wait", len(d.rest))
		}
		return conns[0].Receive(func(time.Time, *schema.ClientFrame) {}) != nil
	})
	var refused *Refused
	if err := endsWithin(t, conns[0]); !errors.As(err, &refused) || refused.Code != schema.CloseFlood {
		t.Errorf("it ended with %v", err)
	}
}
