package conn

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Pulse drives the conns of one room. At every tick it asks the kernel once, without
// waiting, which sockets have something, and lets the goroutines of those conns read
// until nothing is left; they queue what they read for the room. A conn's goroutine is
// switched to and back directly, past the scheduler: waking goroutines one by one is most
// of what reading from thousands of sockets costs.
//
// Between two ticks nothing is read. The kernel keeps what comes, with the time at which
// it came, so that even at two ticks a second no clock is off; inputs count from the tick
// anyway, and a client that has gone is noticed when its room next looks.
type Pulse struct {
	// Owned by the room goroutine.
	now     time.Time // of this beat
	conns   []*pulsed // by slot; nil is free
	free    []int32
	events  []unix.EpollEvent
	again   []*pulsed // had more than their share
	turn    []*pulsed // scratch for again
	unsent  int       // conns with the rest of a frame
	checked time.Time // when the deadlines were last looked at
	out     []byte    // what the library has made of the frame being written
	in      receiver

	mu     sync.Mutex // guards the following
	poll   int        // -1 before the first conn
	closed bool
}

// CanPulse says whether this system has pulsed conns.
const CanPulse = true

// deadlineEvery is how often a pulse looks at its conns' deadlines. They are 15 s.
const deadlineEvery = 500 * time.Millisecond

// interest is what a socket is watched for; edge-triggered, so that one that was read
// to the end costs nothing until more comes.
const interest = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

// NewPulse returns a Pulse without conns. It takes a file descriptor with its first one.
// A nil Pulse has none, ever: Beat and Close do nothing.
func NewPulse() *Pulse {
	return &Pulse{poll: -1}
}

// Beat lets every conn that has something read. The room goroutine calls it at the start
// of each tick. unsent says that a socket took only a part of a frame: calling Beat
// again within milliseconds sends the rest sooner.
func (p *Pulse) Beat(now time.Time) (unsent bool) {
	if p == nil {
		return false
	}
	p.now = now
	if len(p.conns) == len(p.free) {
		return false
	}
	unlock()
	p.turn, p.again = p.again, p.turn[:0]
	for _, d := range p.turn {
		d.queued = false
		d.turn(unix.EPOLLIN)
	}
	n, _ := unix.EpollWait(p.poll, p.events, 0) // an interrupted one finds them next time
	for _, e := range p.events[:max(0, n)] {
		if d := p.conns[e.Fd]; d != nil {
			d.turn(e.Events)
		}
	}
	if now.Sub(p.checked) >= deadlineEvery {
		p.checked = now
		for _, d := range p.conns {
			if d != nil {
				d.expire(now)
			}
		}
	}
	return p.unsent > 0
}

// mostLocks is how often a game may lock its goroutine to a thread from one beat to the
// next. Go does not say how often it did.
const mostLocks = 16

// unlock lets go of the thread that the game may have locked this goroutine to. Switching
// to the goroutine of a conn from a locked one ends the process.
func unlock() {
	for range mostLocks {
		runtime.UnlockOSThread() // does nothing if it is not locked
	}
}

// add watches a socket and lets it read for the first time.
func (p *Pulse) add(d *pulsed) {
	if n := len(p.free); n > 0 {
		d.slot = p.free[n-1]
		p.free = p.free[:n-1]
		p.conns[d.slot] = d
	} else {
		d.slot = int32(len(p.conns))
		p.conns = append(p.conns, d)
		p.events = append(p.events, unix.EpollEvent{})
	}
	if err := p.watch(d.fd, d.slot); err != nil {
		d.link.fail(err)
	}
}

func (p *Pulse) watch(fd int, slot int32) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return unix.EBADF
	}
	if p.poll < 0 {
		if p.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
			return err
		}
	}
	return unix.EpollCtl(p.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: interest, Fd: slot})
}

// remove frees the slot of a conn that is no longer pulsed.
func (p *Pulse) remove(d *pulsed) {
	if d.slot >= 0 {
		p.conns[d.slot] = nil
		p.free = append(p.free, d.slot)
		d.slot = -1
	}
}

// forget ends the watch over a socket, from any goroutine.
func (p *Pulse) forget(fd int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.poll >= 0 && !p.closed {
		_ = unix.EpollCtl(p.poll, unix.EPOLL_CTL_DEL, fd, nil) // not there if the room never took the conn
	}
}

// Close frees the file descriptor, once the room has closed its conns.
func (p *Pulse) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.poll >= 0 && !p.closed {
		_ = unix.Close(p.poll)
	}
	p.closed = true
}
