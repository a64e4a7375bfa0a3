package conn

import (
	"errors"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/roomtick/roomtick/server/conn/conntest"
)

// pusher is a socket whose peer sends for ever; it notes what is done to it.
type pusher struct {
	net.Conn
	send []byte
	log  []string
	read int
}

func (p *pusher) Read(b []byte) (int, error) {
	n := copy(b, p.send)
	p.read += n
	return n, nil
}

func (p *pusher) CloseWrite() error { p.log = append(p.log, "close write"); return nil }
func (p *pusher) Close() error      { p.log = append(p.log, "close"); return nil }

// A socket closed with data unread is reset, and on many systems a reset throws away
// the close frame that has just arrived.
func TestLinkThatRefusedItsPeerTakesInSomeMoreBeforeItCloses(t *testing.T) {
	opt := Options{Stats: new(Stats), Flood: DefaultFlood()}
	p := &pusher{send: conntest.AppendHeader(nil, fin|conntest.OpBinary, 1<<40)}
	l := newLink(p, nil, &opt)
	buf := make([]byte, 64)
	if _, err := l.Read(buf); !errors.Is(err, errOversize) {
		t.Fatalf("first read: %v", err)
	}
	before := p.read
	if _, err := l.Read(buf); !errors.Is(err, errOversize) || p.read != before {
		t.Errorf("second read: %v, %d bytes more", err, p.read-before)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if took := p.read - before; took < maxLinger || took > 2*maxLinger {
		t.Errorf("took in %d bytes", took)
	}
	if want := []string{"close write", "close"}; !slices.Equal(p.log, want) {
		t.Errorf("%v; want %v", p.log, want)
	}
}

func TestLinkInOrderClosesAtOnce(t *testing.T) {
	p := &pusher{}
	l := newLink(p, []byte("early"), &Options{Stats: new(Stats), Flood: DefaultFlood()})
	if b, err := io.ReadAll(io.LimitReader(l, 5)); string(b) != "early" || err != nil {
		t.Errorf("what came with the handshake: %q, %v", b, err)
	}
	if err := l.Close(); err != nil || !slices.Equal(p.log, []string{"close"}) || p.read > 0 {
		t.Errorf("%v, %v, %d bytes read", err, p.log, p.read)
	}
}
