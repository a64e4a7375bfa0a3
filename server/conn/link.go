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
	net.Conn
	stats *Stats

	// Owned by whoever reads; the library lets only one goroutine at a time.
	early []byte // what the HTTP server had read past the handshake
	meter meter

	// Written by whoever reads, read by any goroutine.
	dead atomic.Pointer[error] // why reading is over; every later Read returns it
}

func newLink(nc net.Conn, early []byte, opt *Options) *link {
	return &link{Conn: nc, stats: opt.Stats, early: early, meter: newMeter(opt.Flood, time.Now())}
}

func (l *link) Read(p []byte) (int, error) {
	if err := l.cause(); err != nil {
		return 0, err
	}
	n, err := l.next(p)
	if n > 0 {
		l.stats.BytesIn.Add(int64(n))
		if fault := l.meter.add(p[:n], time.Now()); fault != nil {
			n, err = 0, fault
		}
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		final := err // escapes; err must not, or every Read would allocate
		l.dead.CompareAndSwap(nil, &final)
	}
	return n, err
}

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
		return n, nil
	}
	l.early = nil
	return l.Conn.Read(p)
}

func (l *link) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	l.stats.BytesOut.Add(int64(n))
	return n, err
}

// Close closes the socket; after a fault it first says that nothing more is sent and
// takes in some of what the peer still sends. The deadline set by Conn.Close bounds it.
func (l *link) Close() error {
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
	return h.link, bufio.NewReadWriter(
		bufio.NewReaderSize(h.link, readBuffer),
		bufio.NewWriterSize(h.link, writeBuffer)), nil
}
