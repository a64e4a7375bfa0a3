package conn

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// link is the byte stream below the WebSocket library: it counts, refuses floods
// and sizes the buffers.
type link struct {
	net.Conn // nil while raw is not
	stats    *Stats
	shut     bool // Close was called while raw was set
	raw      raw  // the socket of a pulsed conn; nil while it is read and written by goroutines that wait

	// Owned by whoever reads; the library lets only one goroutine at a time.
	early []byte // what the HTTP server had read past the handshake
	meter meter

	// When what was read last came in, as what has passed since base. The library reads,
	// too, when its writer closes.
	base   time.Time
	readIn atomic.Int64

	// Written by whoever reads, read by any goroutine.
	dead atomic.Pointer[error] // why reading is over; every later Read returns it
}

// raw is a socket that never waits. Its calls are made by whoever drives its conn; see
// pulsed.
type raw interface {
	// read waits for its goroutine's turn to read, at most until somebody takes the
	// conn back: then it returns errTaken.
	read(p []byte) (n int, at time.Time, err error)

	// gather keeps p for the one write that ends this turn.
	gather(p []byte)

	// setDeadline is for those who take the conn back.
	setDeadline(t time.Time)
}

// errTaken is never seen by the library: the link reads on from the net.Conn.
var errTaken = errors.New("conn: no longer pulsed")

func newLink(nc net.Conn, early []byte, opt *Options) *link {
	now := time.Now()
	return &link{Conn: nc, stats: opt.Stats, early: early, meter: newMeter(opt.Flood, now), base: now}
}

// readAt is when what was read last came in.
func (l *link) readAt() time.Time { return l.base.Add(time.Duration(l.readIn.Load())) }

func (l *link) setReadAt(t time.Time) { l.readIn.Store(int64(t.Sub(l.base))) }

func (l *link) Read(p []byte) (int, error) {
	if err := l.cause(); err != nil {
		return 0, err
	}
	n, err := l.next(p)
	if n > 0 {
		l.stats.BytesIn.Add(int64(n))
		if fault := l.meter.add(p[:n], l.readAt()); fault != nil {
			n, err = 0, fault
		}
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		l.fail(err)
	}
	return n, err
}

// fail makes err the cause, unless there is one.
func (l *link) fail(err error) { l.dead.CompareAndSwap(nil, &err) }

// cause says why nothing more can be read: errFlood, errOversize or the socket's own
// error. It is nil while the socket lives, and when a deadline passed.
func (l *link) cause() error {
	if err := l.dead.Load(); err != nil {
		return *err
	}
	return nil
}

func (l *link) next(p []byte) (int, error) {
	if len(l.early) > 0 {
		n := copy(p, l.early)
		l.early = l.early[n:]
		l.setReadAt(time.Now())
		return n, nil
	}
	l.early = nil
	if l.raw != nil {
		n, at, err := l.raw.read(p)
		if err != errTaken { //nolint:errorlint // it is compared once a read, and never wrapped
			l.setReadAt(at)
			return n, err
		}
	}
	n, err := l.Conn.Read(p)
	l.setReadAt(time.Now())
	return n, err
}

func (l *link) Write(p []byte) (int, error) {
	if l.raw != nil {
		l.raw.gather(p)
		return len(p), nil
	}
	n, err := l.Conn.Write(p)
	l.stats.BytesOut.Add(int64(n))
	return n, err
}

// SetDeadline bounds reads and writes. A pulsed conn applies it once Run has it back.
func (l *link) SetDeadline(t time.Time) error {
	if l.raw != nil {
		l.raw.setDeadline(t)
		return nil
	}
	return l.Conn.SetDeadline(t)
}

// SetReadDeadline bounds reads. Those of a pulsed conn are bounded by its pulse.
func (l *link) SetReadDeadline(t time.Time) error {
	if l.raw != nil {
		return nil
	}
	return l.Conn.SetReadDeadline(t)
}

// Close closes the socket; after a fault it first says that nothing more is sent and
// takes in some of what the peer still sends. The deadline set by Conn.Close bounds it.
// The socket of a pulsed conn stays open until Run has it back: the library closes it
// in answer to the client's close frame, when the answer may not be on its way yet.
func (l *link) Close() error {
	if l.raw != nil {
		l.shut = true
		return nil
	}
	if tcp, ok := l.Conn.(interface{ CloseWrite() error }); ok && isFault(l.cause()) {
		if tcp.CloseWrite() == nil {
			_, _ = io.CopyN(io.Discard, l.Conn, maxLinger)
		}
	}
	return l.Conn.Close()
}

// isFault reports whether the link itself refused what the peer sent.
func isFault(err error) bool { return errors.Is(err, errFlood) || errors.Is(err, errOversize) }

// hijack is a ResponseWriter whose Hijack hands out a link with small buffers
// instead of the HTTP server's 4 KB ones.
type hijack struct {
	http.ResponseWriter
	opt  *Options
	link *link // set by Hijack
}

// Hijack implements http.Hijacker.
func (h *hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early := make([]byte, rw.Reader.Buffered())
	if _, err := rw.Read(early); err != nil && len(early) > 0 {
		_ = nc.Close()
		return nil, nil, err
	}
	tune(nc)
	h.link = newLink(nc, early, h.opt)
	write := writeBuffer
	if _, tcp := nc.(*net.TCPConn); tcp && CanPulse && !h.opt.Pair {
		write = pulsedBuffer
	}
	return h.link, bufio.NewReadWriter(
		bufio.NewReaderSize(h.link, readBuffer),
		bufio.NewWriterSize(h.link, write)), nil
}
