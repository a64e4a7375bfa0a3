package conntest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Conn is what a room asks of a conn; room.Conn.
type Conn interface {
	Write(frame []byte) bool
	Receive(fn func(at time.Time, f *schema.ClientFrame)) error
	Close(code schema.CloseCode, goodbye []byte)
}

// Opener opens a conn whose client has said hello, and returns both ends. It ends
// them with the test.
type Opener func(t *testing.T) (Conn, *Socket)

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Conn, *Socket)
	}{
		{"FramesArriveWholeAndInOrder", framesInOrder},
		{"WriteCopiesTheFrame", writeCopies},
		{"WriteToAStalledClientSaysNotNowAndNeverBlocks", stalledWrite},
		{"ReceiveHandsOverEverythingInOrder", receiveInOrder},
		{"ReceiveEndsWithEOFOnceTheClientHasClosedAndAllIsHandedOver", receiveEOF},
		{"CloseSendsTheFrameInFlightThenGoodbyeThenTheCloseFrame", closeOrder},
		{"CloseTwiceCountsOnce", closeTwice},
		{"CloseOfAStalledClientNeverBlocks", closeStalled},
		{"MalformedFrameEndsTheConnWithItsCode", malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, peer := open(t)
			c.test(t, conn, peer)
		})
	}
}

// Poll calls ok every millisecond until it is true.
func Poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-limit:
			t.Fatalf("waited %v in vain: %s", patience, what)
		case <-tick.C:
		}
	}
}

// numbered is a message of size bytes that starts with its number.
func numbered(n, size int) []byte {
	b := bytes.Repeat([]byte{byte(n)}, size)
	binary.LittleEndian.PutUint32(b, uint32(n))
	return b
}

func framesInOrder(t *testing.T, c Conn, peer *Socket) {
	for i := range 200 {
		want := numbered(i, 4+i*97)
		Poll(t, "Write accepts a frame", func() bool { return c.Write(want) })
		got, err := peer.Next()
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("frame %d: got %d bytes, %v; want %d", i, len(got), err, len(want))
		}
	}
}

func writeCopies(t *testing.T, c Conn, peer *Socket) {
	frame := numbered(1, 600)
	want := bytes.Clone(frame)
	Poll(t, "Write accepts a frame", func() bool { return c.Write(frame) })
	clear(frame)
	if got, err := peer.Next(); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes, %v: the frame changed after Write returned", len(got), err)
	}
}

// stall writes until the conn has said not now for 50 ms on end, and returns how many
// frames it took.
func stall(t *testing.T, c Conn) (accepted int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for refused := 0; refused < 50; <-tick.C {
		if !c.Write(numbered(accepted, 32<<10)) {
			refused++
			continue
		}
		refused = 0
		if accepted++; accepted > 4096 {
			t.Fatal("128 MB taken for a client that reads nothing")
		}
	}
	return accepted
}

func stalledWrite(t *testing.T, c Conn, peer *Socket) {
	accepted := stall(t, c)
	t.Logf("took %d KB for a client that reads nothing", accepted*32)
	for i := range accepted {
		got, err := peer.Next()
		if err != nil || !bytes.Equal(got, numbered(i, 32<<10)) {
			t.Fatalf("frame %d of %d accepted ones is lost or out of order: %v", i, accepted, err)
		}
	}
	Poll(t, "Write accepts again after the stall", func() bool { return c.Write(numbered(accepted, 8)) })
	if got, err := peer.Next(); err != nil || !bytes.Equal(got, numbered(accepted, 8)) {
		t.Fatalf("after the stall: %x, %v", got, err)
	}
}

// ack is a client frame that acknowledges tick n.
func ack(n uint32) []byte {
	f := schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: n}}
	return schema.NewBuilder(64).ClientFrame(&f)
}

func receiveInOrder(t *testing.T, c Conn, peer *Socket) {
	const frames = 100
	before := time.Now()
	var got []uint32
	for i := range uint32(frames) {
		if err := peer.Send(ack(i + 1)); err != nil {
			t.Fatal(err)
		}
		if i%10 != 9 {
			continue
		}
		Poll(t, "all frames sent are handed over", func() bool {
			err := c.Receive(func(at time.Time, f *schema.ClientFrame) {
				if !f.HasState { // what came with hello
					return
				}
				got = append(got, f.State.Ack)
				if at.Before(before) || at.After(time.Now()) {
					t.Errorf("arrival time %v is not between sending and now", at)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return len(got) == int(i)+1
		})
	}
	for i, n := range got {
		if n != uint32(i)+1 {
			t.Fatalf("frame %d carries %d: out of order", i, n)
		}
	}
}

// receiveAll polls Receive until it returns an error.
func receiveAll(t *testing.T, c Conn) (acks []uint32, end error) {
	t.Helper()
	Poll(t, "Receive reports the end", func() bool {
		end = c.Receive(func(_ time.Time, f *schema.ClientFrame) {
			if f.HasState {
				acks = append(acks, f.State.Ack)
			}
		})
		return end != nil
	})
	return acks, end
}

func receiveEOF(t *testing.T, c Conn, peer *Socket) {
	for i := range uint32(5) {
		if err := peer.Send(ack(i + 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := peer.Raw(AppendFrame(nil, 0x80|OpClose, []byte{0x03, 0xe8})); err != nil {
		t.Fatal(err)
	}
	acks, end := receiveAll(t, c)
	if len(acks) != 5 || !errors.Is(end, io.EOF) {
		t.Fatalf("got %v, %v; want the 5 frames sent before the close frame, then EOF", acks, end)
	}
	if c.Write(ack(1)) {
		t.Error("Write accepts a frame after the end")
	}
}

func closeOrder(t *testing.T, c Conn, peer *Socket) {
	Poll(t, "Write accepts a frame", func() bool { return c.Write(numbered(7, 900)) })
	goodbye := []byte("any bytes do")
	c.Close(schema.CloseKicked, goodbye)
	for i, want := range [][]byte{numbered(7, 900), goodbye} {
		if got, err := peer.Next(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("message %d: %d bytes, %v; want %d", i, len(got), err, len(want))
		}
	}
	wantClose(t, peer, schema.CloseKicked)
	if c.Write(ack(1)) {
		t.Error("Write accepts a frame after Close")
	}
	if _, end := receiveAll(t, c); end == nil || errors.Is(end, io.EOF) {
		t.Errorf("Receive ends with %v; want an error that says the server closed", end)
	}
}

func wantClose(t *testing.T, peer *Socket, code schema.CloseCode) {
	t.Helper()
	_, err := peer.Next()
	var closed *CloseError
	if !errors.As(err, &closed) || closed.Code != code || closed.Reason != code.Hint() {
		t.Fatalf("got %v; want close frame %d with its hint", err, code)
	}
}

func closeTwice(t *testing.T, c Conn, peer *Socket) {
	c.Close(schema.CloseKicked, []byte("first"))
	c.Close(schema.CloseLeft, []byte("second"))
	if got, err := peer.Next(); err != nil || string(got) != "first" {
		t.Fatalf("got %q, %v", got, err)
	}
	wantClose(t, peer, schema.CloseKicked)
	c.Close(schema.CloseLeft, nil)
}

func closeStalled(t *testing.T, c Conn, _ *Socket) {
	stall(t, c)
	c.Close(schema.CloseLagging, []byte("never read"))
	if _, end := receiveAll(t, c); end == nil || errors.Is(end, io.EOF) {
		t.Errorf("Receive ends with %v; want an error that says the server closed", end)
	}
}

func malformed(t *testing.T, c Conn, peer *Socket) {
	if err := peer.Send([]byte("not a frame")); err != nil {
		t.Fatal(err)
	}
	goodbye, closed := peer.Drain()
	if goodbye == nil || goodbye.Code != schema.CloseMalformed || goodbye.Hint == "" {
		t.Errorf("goodbye is %+v", goodbye)
	}
	if closed == nil || closed.Code != schema.CloseMalformed {
		t.Errorf("close frame is %v", closed)
	}
	if _, end := receiveAll(t, c); end == nil || errors.Is(end, io.EOF) {
		t.Errorf("Receive ends with %v; want an error that says the server closed", end)
	}
}
