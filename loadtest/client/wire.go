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

	// Owned by whoever reads.
	upgrade int    // how much of the blank line that ends the upgrade was read
	early   []byte // was read before its time, and is what Read returns first

	mu       sync.Mutex // guards the following, and Conn while it changes
	fd       int        // of the socket while a pacer has it, and Conn is nil; else -1
	closed   bool       // while fd was set
	backlog  []byte
	flushing bool
	err      error
}

func newWire(c net.Conn, in, out *atomic.Int64) *wire {
	return &wire{Conn: c, in: in, out: out, raw: rawOf(c), fd: -1}
}

// rawOf returns the system's side of a socket; nil if it is none, or on an error: the
// long way.
func rawOf(c net.Conn) syscall.RawConn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// Read counts. Of the answer to the upgrade it returns no more than that, so that the
// HTTP client keeps nothing of what follows.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		w.early = w.early[n:]
		return n, nil
	}
	n, err := w.Conn.Read(p)
	w.in.Add(int64(n))
	if w.upgrade < len(blankLine) {
		head := w.upTo(p[:n])
		if head < n {
			w.early = append(w.early, p[head:n]...)
			return head, nil // an error is met again
		}
	}
	return n, err
}

// blankLine ends the head of an HTTP response.
const blankLine = "\r\n\r\n"

// upTo returns where in p the head of the response ends; len(p) if it does not.
func (w *wire) upTo(p []byte) int {
	for i, b := range p {
		switch b {
		case blankLine[w.upgrade]:
			w.upgrade++
		case '\r':
			w.upgrade = 1
		default:
			w.upgrade = 0
		}
		if w.upgrade == len(blankLine) {
			return i + 1
		}
	}
	return len(p)
}

// Write takes all of p at once.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	rest := p
	if len(w.backlog) == 0 && !w.flushing {
		n := w.tryLocked(p)
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
	w.flushLocked()
	return len(p), nil
}

// tryLocked writes what the kernel takes without waiting. An error counts as nothing
// written: what follows meets it again.
func (w *wire) tryLocked(p []byte) int {
	switch {
	case w.fd >= 0:
		return send(w.fd, p)
	case w.raw != nil:
		return tryWrite(w.raw, p)
	}
	return 0
}

// flushLocked sees to it that the backlog is written. While a pacer has the socket, it
// does that: see drain.
func (w *wire) flushLocked() {
	if w.fd < 0 && !w.flushing && len(w.backlog) > 0 {
		w.flushing = true
		go w.flush()
	}
}

// drain writes what a socket that has room again takes of the backlog.
func (w *wire) drain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.backlog) > 0 && !w.flushing {
		n := w.tryLocked(w.backlog)
		w.out.Add(int64(n))
		w.backlog = w.backlog[n:]
	}
}

// Close ends reads and writes. A socket that a pacer has is closed for good once that
// has given it back.
func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fd >= 0 {
		w.closed = true
		shutDown(w.fd)
		return nil
	}
	return w.Conn.Close()
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
