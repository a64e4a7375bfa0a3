package conn

import (
	"runtime"
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
//
// It asks by poll(2): most sockets have something at most ticks, so that a list which the
// kernel keeps for each room (epoll) saves nothing, and costs every room a file descriptor.
// Owned by the room goroutine.
type Pulse struct {
	now     time.Time     // of this beat
	conns   []*pulsed     // by slot; nil is free
	polls   []unix.PollFd // by slot; what the kernel is asked of it, nothing if it is free
	free    []int32
	unsent  int       // conns with the rest of a frame
	checked time.Time // when the deadlines were last looked at
	out     []byte    // what the library has made of the frame being written
	in      receiver
}

// CanPulse says whether this system has pulsed conns.
const CanPulse = true

// deadlineEvery is how often a pulse looks at its conns' deadlines. They are 15 s.
const deadlineEvery = 500 * time.Millisecond

// What a socket is asked for: always, and while the rest of a frame waits for it.
const (
	interest = unix.POLLIN | unix.POLLRDHUP
	over     = unix.POLLRDHUP | unix.POLLHUP | unix.POLLERR | unix.POLLNVAL
)

// NewPulse returns a Pulse without conns.
func NewPulse() *Pulse { return new(Pulse) }

// Beat lets every conn that has something read. The room goroutine calls it at the start
// of each tick. unsent says that a socket took only a part of a frame: calling Beat
// again within milliseconds sends the rest sooner. That of a nil Pulse does nothing.
func (p *Pulse) Beat(now time.Time) (unsent bool) {
	if p == nil {
		return false
	}
	p.now = now
	if len(p.conns) == len(p.free) {
		return false
	}
	unlock()
	if n, _ := unix.Poll(p.polls, 0); n > 0 { // an interrupted one finds them next time
		for slot := range p.polls {
			if d := p.conns[slot]; d != nil && p.polls[slot].Revents != 0 {
				d.turn(p.polls[slot].Revents)
			}
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

// add gives a conn its slot.
func (p *Pulse) add(d *pulsed) {
	if n := len(p.free); n > 0 {
		d.slot = p.free[n-1]
		p.free = p.free[:n-1]
	} else {
		d.slot = int32(len(p.conns))
		p.conns = append(p.conns, nil)
		p.polls = append(p.polls, unix.PollFd{})
	}
	p.conns[d.slot] = d
	p.polls[d.slot] = unix.PollFd{Fd: int32(d.fd), Events: interest}
	p.wantSpace(d)
}

// wantSpace asks the kernel for space in a conn's socket as long as the conn owes it the
// rest of a frame.
func (p *Pulse) wantSpace(d *pulsed) {
	if d.slot < 0 {
		return
	}
	ask := &p.polls[d.slot].Events
	if *ask &^= unix.POLLOUT; d.owes {
		*ask |= unix.POLLOUT
	}
}

// remove frees the slot of a conn that is no longer pulsed.
func (p *Pulse) remove(d *pulsed) {
	if d.slot >= 0 {
		p.conns[d.slot], p.polls[d.slot] = nil, unix.PollFd{Fd: -1}
		p.free = append(p.free, d.slot)
		d.slot = -1
	}
}
