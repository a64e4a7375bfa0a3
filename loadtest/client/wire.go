package client

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// maxBacklog is how much may wait for a server that does not read: a minute and more
// of inputs at 128 Hz. Beyond it the conn ends.
const maxBacklog = 1 << 20

var errBacklog = errors.New("the server has not read a megabyte of inputs")

// wire is a bot's socket. Its writes never block, because many bots share the
// goroutine that writes: what the kernel does not take at once waits in a backlog that
// a goroutine of its own writes, which lives only as long as there is one. It counts
// the TCP payload that passes, the upgrade and the frame headers included.
type wire struct {
	net.Conn
	in, out *atomic.Int64
	raw     syscall.RawConn // nil: not a socket of ours, every write goes the long way

	mu       sync.Mutex // guards the following
	backlog  []byte
	flushing bool
	err      error
}

func newWire(c net.Conn, in, out *atomic.Int64) *wire {
	w := &wire{Conn: c, in: in, out: out}
	if tcp, ok := c.(*net.TCPConn); ok {
		w.raw, _ = tcp.SyscallConn() // nil on an error: the long way
	}
	return w
}

// Read counts.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.in.Add(int64(n))
	return n, err
}

// Write takes all of p at once.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	rest := p
	if len(w.backlog) == 0 && !w.flushing && w.raw != nil {
		n := tryWrite(w.raw, p)
		w.out.Add(int64(n))
		rest = p[n:]
	}
	switch {
	case len(rest) == 0:
		return len(p), nil
	case len(w.backlog)+len(rest) > maxBacklog:
		w.err = errBacklog
		return 0, w.err
	}
	w.backlog = append(w.backlog, rest...)
	if !w.flushing {
		w.flushing = true
		go w.flush()
	}
	return len(p), nil
}

// flush writes the backlog until there is none. Closing the conn ends it.
func (w *wire) flush() {
	var batch []byte
	for {
		w.mu.Lock()
		if len(w.backlog) == 0 || w.err != nil {
			w.flushing = false
			w.mu.Unlock()
			return
		}
		batch, w.backlog = w.backlog, batch[:0]
		w.mu.Unlock()
		n, err := w.Conn.Write(batch)
		w.out.Add(int64(n))
		if err != nil {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
		}
	}
}
