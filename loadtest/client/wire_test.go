package client

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// pipe returns both ends of a TCP conn.
func pipe(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ours, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return ours, theirs
}

// unread hides that a conn is a socket of ours.
type unread struct{ net.Conn }

func TestWritesNeitherBlockNorGetLostWhenNobodyReads(t *testing.T) {
	for name, hide := range map[string]func(net.Conn) net.Conn{
		"socket": func(c net.Conn) net.Conn { return c },
		"other":  func(c net.Conn) net.Conn { return unread{c} },
	} {
		var in, out atomic.Int64
		ours, theirs := pipe(t)
		_ = ours.(*net.TCPConn).SetWriteBuffer(4 << 10)
		w := newWire(hide(ours), &in, &out)
		var want []byte
		for i := range 900 { // more than the kernel takes, less than a backlog
			frame := bytes.Repeat([]byte{byte(i)}, 1000)
			want = append(want, frame...)
			if n, err := w.Write(frame); n != len(frame) || err != nil {
				t.Fatalf("%s: write %d: %d bytes, %v", name, i, n, err)
			}
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(theirs, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: what arrived is not what was written: %v", name, err)
		}
	}
}

func TestAServerThatNeverReadsEndsTheConnAtLast(t *testing.T) {
	var in, out atomic.Int64
	ours, _ := pipe(t)
	w := newWire(ours, &in, &out)
	frame := make([]byte, 64<<10)
	for range 1000 {
		if _, err := w.Write(frame); err != nil {
			return
		}
	}
	t.Error("64 MB were taken for a server that reads nothing")
}
