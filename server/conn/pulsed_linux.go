package conn

import (
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// share is how many bytes one conn may read in one beat, so that a flood of one costs
	// the others of its room no time; it is more than the limits of Flood let pass.
	share = 32 << 10
)

// pulsed drives one conn for its room; driver and raw. At any time one goroutine does so:
// the room's, which lends itself to the conn's own while that reads, or Run's once it has
// taken the conn back. The goroutine of the conn is the same readLoop as a pair's: where
// that would wait for the socket, this one is switched away from.
type pulsed struct {
	// Set once by Pulsed.
	conn  *Conn
	link  *link
	pulse *Pulse
	fd    int

	// Owned by the room goroutine.
	slot   int32 // in pulse; -1 outside
	joined bool
	owes   bool // counted in pulse.unsent

	mu     sync.Mutex // held by whoever drives; guards the following
	taken  bool       // by Run; the room has no say any more
	ready  bool       // the socket may have something
	ending bool       // after that comes the end: short reads prove nothing
	late   bool       // the deadline has passed
	left   int        // of this beat's share
	rest   []byte     // of a frame that the socket took in part
	resume func() (struct{}, bool)
	yield  func(struct{}) bool

	deadline time.Time // for takeBack; guarded by conn.mu
}

// Pulsed makes p drive the conn from the room's first call on, and reports whether that is
// possible: else the conn stays a pair. Call it after Hello, and before a room has the conn.
func (c *Conn) Pulsed(p *Pulse) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p == nil || c.closing || c.ended != nil {
		return false
	}
	fd, err := detach(c.link.Conn)
	if err != nil {
		return false
	}
	d := &pulsed{conn: c, link: c.link, pulse: p, fd: fd, slot: -1}
	c.link.Conn, c.link.raw, c.pulsed = nil, d, d
	return true
}

// join implements driver.
func (d *pulsed) join() {
	if d.joined {
		return
	}
	d.joined = true
	unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return
	}
	d.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		d.yield = yield
		d.conn.readLoop()
	})
	d.pulse.now = time.Now()
	d.pulse.add(d)
	d.ready = true
	d.run()
}

// turn takes what the kernel says of the socket. Once the conn is taken back that may be
// another one's, which has its number now.
func (d *pulsed) turn(events int16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		d.leave()
		return
	}
	if events&unix.POLLOUT != 0 {
		d.flush()
	}
	d.ending = d.ending || events&over != 0
	if d.ready = events&unix.POLLIN != 0 || d.ending; d.ready {
		d.run()
	}
}

// expire ends a conn that was silent for too long.
func (d *pulsed) expire(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.taken:
		d.leave()
	case now.After(d.conn.deadline):
		d.late = true
		d.run()
	}
}

func (d *pulsed) leave() {
	d.settle()
	d.pulse.remove(d)
}

// run lends this goroutine to the conn's own until nothing is left to read, or its share
// is used up: the next beat finds what is left.
func (d *pulsed) run() {
	d.left = share
	_, _ = d.resume()
	d.commit(true)
}

// read implements raw, on the conn's own goroutine.
func (d *pulsed) read(p []byte) (n int, at time.Time, err error) {
	for !d.taken {
		switch {
		case d.late:
			return 0, d.pulse.now, os.ErrDeadlineExceeded
		case !d.ready || d.left <= 0:
			d.yield(struct{}{})
			continue
		}
		n, at, err := d.pulse.in.read(d.fd, p, d.pulse.now)
		switch {
		case err == unix.EAGAIN: //nolint:errorlint // system calls return plain numbers
			d.ready = false
			continue
		case err == unix.EINTR: //nolint:errorlint // as above
			continue
		case err != nil:
			return 0, at, os.NewSyscallError("read", err)
		case n == 0:
			return 0, at, io.EOF
		}
		d.left -= n
		d.ready = n == len(p) || d.ending // a second call would only say that nothing is left
		return n, at, nil
	}
	return 0, time.Time{}, errTaken
}

// setDeadline implements raw.
func (d *pulsed) setDeadline(t time.Time) { d.deadline = t }

// takeBack implements driver.
func (d *pulsed) takeBack() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = true
	nc := attach(d.fd)

	d.conn.mu.Lock()
	if d.deadline.IsZero() { // the client ended it
		d.deadline = time.Now().Add(closeTimeout)
	}
	_ = nc.SetDeadline(d.deadline)
	d.link.Conn, d.link.raw = nc, nil
	d.conn.mu.Unlock()

	if len(d.rest) > 0 {
		_, _ = d.link.Write(d.rest) // if it fails so does what follows
		d.rest = nil
	}
	if d.link.shut {
		_ = d.link.Close()
	}
}

// readOn implements driver.
func (d *pulsed) readOn() {
	if d.resume == nil { // no room has had the conn
		d.conn.readLoop()
		return
	}
	d.resume()
}
