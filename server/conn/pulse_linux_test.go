package conn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// inRoom opens n pulsed conns in one Pulse that only the test beats. Beats come one at a
// time, as a room's do.
func inRoom(t *testing.T, n int, opt Options) (*Pulse, []opened, []*conntest.Socket) {
	t.Helper()
	p := NewPulse()
	var all []opened
	var peers []*conntest.Socket
	open := inPulse(t, p, opt)
	for range n {
		o, s := open()
		all, peers = append(all, o), append(peers, s)
	}
	p.Beat(time.Now())
	for _, o := range all {
		_ = o.Receive(func(time.Time, *schema.ClientFrame) {}) // joins the pulse
	}
	return p, all, peers
}

// inPulse returns a function that opens a conn of p's.
func inPulse(t *testing.T, p *Pulse, opt Options) func() (opened, *conntest.Socket) {
	t.Helper()
	url, conns := serveAs(t, opt, func(t testing.TB, c *Conn) conntest.Conn {
		if !c.Pulsed(p) {
			t.Error("a plain TCP conn cannot be pulsed")
		}
		return c
	})
	return func() (opened, *conntest.Socket) { return greet(t, url, conns) }
}

func TestFramesCarryTheTimeAtWhichTheyCameNotThatOfTheBeat(t *testing.T) {
	p, conns, peers := inRoom(t, 1, Options{})
	for range 20 { // the kernel takes a moment to begin with its stamps
		standStill(peers[0], 10*time.Millisecond)
		_ = peers[0].Send(ack())
	}
	p.Beat(time.Now())
	_ = conns[0].Receive(func(time.Time, *schema.ClientFrame) {})
	before := time.Now()
	if err := peers[0].Send(ack()); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	standStill(peers[0], 100*time.Millisecond)
	p.Beat(time.Now())
	got := 0
	if err := conns[0].Receive(func(at time.Time, _ *schema.ClientFrame) {
		got++
		// The kernel's clock and ours are read one after the other.
		if slack := 5 * time.Millisecond; at.Before(before.Add(-slack)) || at.After(after.Add(slack)) {
			t.Errorf("came %v after it was sent", at.Sub(before))
		}
	}); err != nil || got != 1 {
		t.Errorf("%d frames, %v", got, err)
	}
}

// standStill waits for d, as a room in a long step does.
func standStill(s *conntest.Socket, d time.Duration) {
	_ = s.SetReadDeadline(time.Now().Add(d))
	_, _ = s.Read(make([]byte, 1))
}

func TestConnThatNeverReadsCostsItsRoomNoTimeAndLittleMemory(t *testing.T) {
	p, conns, peers := inRoom(t, 2, Options{})
	stalled, reader := conns[0], peers[1]
	go io.Copy(io.Discard, reader.Conn)
	frame := make([]byte, 1000)
	for range 3000 {
		p.Beat(time.Now())
		stalled.Write(frame)
		if !conns[1].Write(frame) {
			conntest.Poll(t, "the other conn takes frames", func() bool { return conns[1].Write(frame) })
		}
	}
	d := stalled.Conn.pulsed.(*pulsed)
	if stalled.Write(frame) {
		t.Fatal("3 MB taken for a client that reads nothing")
	}
	if len(d.rest) >= len(frame)+4 || cap(d.rest) > 2*len(frame) {
		t.Errorf("%d bytes in %d wait in the process; want less than a frame", len(d.rest), cap(d.rest))
	}
	if !p.Beat(time.Now()) && len(d.rest) > 0 {
		t.Error("Beat does not say that a rest waits")
	}
}

func TestCloseOfAConnWithHalfAFrameSentSendsTheOtherHalfFirst(t *testing.T) {
	p, conns, peers := inRoom(t, 1, Options{})
	c, peer := conns[0], peers[0]
	big := bytes.Repeat([]byte{7}, 8<<20) // more than any socket buffer takes
	if !c.Write(big) || len(c.Conn.pulsed.(*pulsed).rest) == 0 {
		t.Fatal("the frame was not taken in part")
	}
	if c.Write([]byte("next")) {
		t.Error("a frame was taken in the middle of another")
	}
	c.Close(schema.CloseKicked, []byte("goodbye"))
	for i, want := range [][]byte{big, []byte("goodbye")} {
		if got, err := peer.Next(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("message %d: %d bytes, %v; want %d", i, len(got), err, len(want))
		}
	}
	var closed *conntest.CloseError
	if _, err := peer.Next(); !errors.As(err, &closed) || closed.Code != schema.CloseKicked {
		t.Errorf("then %v", err)
	}
	<-c.ended
	if unsent := p.Beat(time.Now().Add(time.Minute)); unsent || len(p.free) != len(p.conns) {
		t.Errorf("after the end: unsent %v, %d of %d slots free", unsent, len(p.free), len(p.conns))
	}
}

func TestRestOfAFrameIsSentByBeatsAlone(t *testing.T) {
	p, conns, peers := inRoom(t, 1, Options{})
	big := bytes.Repeat([]byte{7}, 8<<20)
	if !conns[0].Write(big) {
		t.Fatal("not taken")
	}
	got := make(chan []byte, 1)
	go func() {
		b, _ := peers[0].Next()
		got <- b
	}()
	conntest.Poll(t, "the rest is sent", func() bool { return !p.Beat(time.Now()) })
	if err := conns[0].Receive(func(time.Time, *schema.ClientFrame) {}); err != nil {
		t.Errorf("the conn has ended meanwhile: %v", err)
	}
	if !bytes.Equal(<-got, big) {
		t.Error("the frame arrived changed")
	}
}

func TestClientThatGoesInTheMiddleOfAFrameFreesItsSlotAndItsSocket(t *testing.T) {
	before := sockets(t)
	p, conns, peers := inRoom(t, 3, Options{})
	_ = conns[0].Write(make([]byte, 8<<20))
	_ = peers[0].Conn.(*net.TCPConn).SetLinger(0) // a reset
	peers[0].Close()
	_ = peers[1].Raw(conntest.AppendFrame(nil, fin|conntest.OpBinary, ack())[:9])
	peers[1].Close()
	_ = peers[2].Raw(conntest.AppendFrame(nil, fin|conntest.OpClose, []byte{3, 0xe8}))
	for i, c := range conns {
		conntest.Poll(t, "Receive reports the end", func() bool {
			p.Beat(time.Now())
			return c.Receive(func(time.Time, *schema.ClientFrame) { t.Errorf("conn %d: a frame that was never sent whole", i) }) != nil
		})
		var refused *Refused
		if err := <-c.ended; err == nil || errors.As(err, &refused) {
			t.Errorf("conn %d ended with %v; want the socket's own reason", i, err)
		}
	}
	if _, closed := peers[2].Drain(); closed == nil || closed.Code != 1000 {
		t.Errorf("the close frame was answered with %v", closed)
	}
	if _, _, err := peers[2].Frame(); !errors.Is(err, io.EOF) {
		t.Errorf("after the close frame: %v; want the end", err)
	}
	peers[2].Close()
	p.Beat(time.Now().Add(time.Minute))
	if len(p.free) != len(p.conns) {
		t.Errorf("%d of %d slots are free", len(p.free), len(p.conns))
	}
	conntest.Poll(t, "every socket is closed", func() bool { return sockets(t) <= before+1 }) // the listener
}

// sockets is how many files this process has open.
func sockets(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestSilentPulsedConnIsIdle(t *testing.T) {
	p, conns, peers := inRoom(t, 1, Options{Idle: 2 * time.Second})
	p.Beat(time.Now().Add(time.Second))
	if err := conns[0].Receive(func(time.Time, *schema.ClientFrame) {}); err != nil {
		t.Fatalf("after a second: %v", err)
	}
	p.Beat(time.Now().Add(4 * time.Second))
	goodbye, closed := peers[0].Drain()
	if goodbye == nil || goodbye.Code != schema.CloseIdle || closed == nil || closed.Code != schema.CloseIdle {
		t.Errorf("goodbye %+v, close %v", goodbye, closed)
	}
}

func TestConnRefusedByItsRoomIsClosedWithoutABeat(t *testing.T) {
	url, conns := serveAs(t, Options{}, func(t testing.TB, c *Conn) conntest.Conn {
		if !c.Pulsed(NewPulse()) {
			t.Error("a plain TCP conn cannot be pulsed")
		}
		c.Refuse(schema.CloseTokenUsed)
		return c
	})
	o, s := greet(t, url, conns)
	goodbye, closed := s.Drain()
	if goodbye == nil || goodbye.Code != schema.CloseTokenUsed || closed == nil || closed.Code != schema.CloseTokenUsed {
		t.Errorf("goodbye %+v, close %v", goodbye, closed)
	}
	<-o.ended
}

func TestPulsedConnOfARoomThatStandsStillEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := NewPulse()
	served := make(chan error, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := serveOn(l, func(c *Conn) {
		_, _ = c.Hello()
		c.Pulsed(p)
		p.Beat(time.Now())
		_ = c.Receive(func(time.Time, *schema.ClientFrame) {})
		cancel() // the room never calls again
		served <- c.Run(ctx)
	})
	defer srv.Close()
	s := dial(t, "ws://"+l.Addr().String())
	if err := s.Send(hello()); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err == nil {
		t.Error("Run returned nil")
	}
}

// A flood is one conn's own; a beat reads only a share of it.
func TestOneBeatReadsAShareOfAConnAndTheNextGoesOn(t *testing.T) {
	p, conns, peers := inRoom(t, 1, unlimited())
	frame := conntest.AppendFrame(nil, fin|conntest.OpBinary, padded(2000))
	sent := 3 * share / len(frame)
	if err := peers[0].Raw(bytes.Repeat(frame, sent)); err != nil {
		t.Fatal(err)
	}
	total, beats := 0, 0
	conntest.Poll(t, "all is read", func() bool {
		p.Beat(time.Now())
		got := 0
		if err := conns[0].Receive(func(time.Time, *schema.ClientFrame) { got++ }); err != nil {
			t.Fatal(err)
		}
		if got*len(frame) > share+len(frame)+readBuffer {
			t.Errorf("%d bytes in one beat", got*len(frame))
		}
		if got > 0 {
			beats++
		}
		total += got
		return total == sent
	})
	if beats < 3 {
		t.Errorf("read in %d beats", beats)
	}
}
