package client

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// poll reads the sockets of a shard's bots: it asks the kernel once a beat which of them
// have something. They are not in Go's poller meanwhile, which would wake a thread for
// everything that arrives.
type poll struct {
	// Owned by the shard's goroutine.
	in     receiver
	events []unix.EpollEvent
	looked time.Duration // local time of the last look

	mu     sync.Mutex // guards the following
	epoll  int        // 0 before the first socket
	slots  []*follower
	free   []int32
	closed bool
}

// canPoll says whether shards read sockets on this system.
const canPoll = true

// interest is edge-triggered: a socket that was read to the end costs nothing until
// more comes.
const interest = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

// add watches f's socket. The kernel reports it at least once.
func (p *poll) add(f *follower) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errUnread
	}
	if p.epoll == 0 {
		if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
			p.epoll = 0
			return err
		}
	}
	if n := len(p.free); n > 0 {
		f.slot, p.free = p.free[n-1], p.free[:n-1]
	} else {
		f.slot = int32(len(p.slots))
		p.slots = append(p.slots, nil)
	}
	p.slots[f.slot] = f
	if err = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, f.fd, &unix.EpollEvent{Events: interest, Fd: f.slot}); err != nil {
		p.removeLocked(f)
	}
	return err
}

func (p *poll) removeLocked(f *follower) {
	p.slots[f.slot] = nil
	p.free = append(p.free, f.slot)
}

// look reads what has come, and reports whether there is any socket to look at. Those
// whose conn has ended are forgotten. The shard's goroutine calls it.
func (p *poll) look(now time.Duration) bool {
	p.mu.Lock()
	n := len(p.slots)
	busy := n > len(p.free)
	p.mu.Unlock()
	if !busy {
		return false
	}
	if len(p.events) < n {
		p.events = make([]unix.EpollEvent, 2*n)
	}
	since := p.looked
	p.looked = now
	n, _ = unix.EpollWait(p.epoll, p.events, 0) // an interrupted one finds them next time
	for _, e := range p.events[:max(0, n)] {
		if f := p.at(e.Fd); f != nil {
			p.turn(f, e.Events, since)
		}
	}
	return true
}

func (p *poll) at(slot int32) *follower {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slots[slot]
}

func (p *poll) turn(f *follower, events uint32, since time.Duration) {
	if events&unix.EPOLLOUT != 0 {
		f.conn.tcp.drain()
	}
	ending := events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
	if f.read(&p.in, ending || events&unix.EPOLLIN != 0, ending, since) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.removeLocked(f)
	}
}

// close hands back the sockets that are left.
func (p *poll) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, f := range p.slots {
		if f != nil {
			f.giveUp()
		}
	}
	p.slots, p.free = nil, nil
	if p.epoll != 0 {
		_ = unix.Close(p.epoll)
	}
}
