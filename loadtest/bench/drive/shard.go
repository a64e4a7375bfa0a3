//go:build linux

package drive

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
)

// shard answers for some of the clients, on one goroutine.
type shard struct {
	// Set once by newShard.
	swarm *swarm
	poll  int // epoll of the clients' sockets

	// Written by the shard's goroutine, read by any.
	count counters

	mu      sync.Mutex // guards the following
	clients []*client  // by the number that their epoll events carry

	// Owned by the shard's goroutine.
	answers answers
	buf     []byte
	frame   schema.ServerFrame
}

func newShard(s *swarm) (*shard, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return &shard{
		swarm: s, poll: poll, buf: make([]byte, 64<<10),
		answers: answers{input: s.cfg.Input, builder: schema.NewBuilder(256)},
	}, nil
}

// add takes a joined socket, from any goroutine. It is not read if it is stalled.
func (sh *shard) add(fd int, stalled bool) error {
	if stalled {
		return nil // stays open until the process ends
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(sh.clients))}
	sh.clients = append(sh.clients, &client{fd: fd})
	return unix.EpollCtl(sh.poll, unix.EPOLL_CTL_ADD, fd, &e)
}

// run answers until ctx ends. It looks at its sockets now and then instead of waiting
// for them: a reader who waits on the same machine is woken by every write of the
// server, and on a virtual machine waking it costs the server more than the write.
func (sh *shard) run(ctx context.Context) {
	events := make([]unix.EpollEvent, 256)
	for at := time.Now(); ctx.Err() == nil; at = at.Add(sh.swarm.cfg.Poll) {
		if now := time.Now(); at.Before(now) {
			at = now // behind: the next look is not owed
		}
		time.Sleep(time.Until(at))
		for sh.look(events) == len(events) {
		}
	}
}

// look answers what has come and returns how many sockets that were.
func (sh *shard) look(events []unix.EpollEvent) int {
	n, err := unix.EpollWait(sh.poll, events, 0)
	if err != nil {
		return 0 // interrupted
	}
	for _, e := range events[:n] {
		c := sh.client(int(e.Fd))
		if sh.read(c) != nil {
			sh.count.closed.Add(1)
			_ = unix.Close(c.fd)
		}
	}
	return n
}

func (sh *shard) client(i int) *client {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.clients[i]
}

// read takes what a socket has and answers the snapshots in it.
func (sh *shard) read(c *client) error {
	kept := copy(sh.buf, c.rest)
	n, err := unix.Read(c.fd, sh.buf[kept:])
	switch {
	case err == unix.EAGAIN || err == unix.EINTR: //nolint:errorlint // system calls return plain numbers
		return nil
	case err != nil:
		return err
	case n == 0:
		return errClosed
	}
	sh.count.bytesIn.Add(int64(n))
	data := sh.buf[:kept+n]
	if len(data) == len(sh.buf) { // a keyframe longer than the buffer
		sh.buf = append(sh.buf, make([]byte, len(sh.buf))...)
	}
	rest, err := take(data, func(op byte, payload []byte) error { return sh.message(c, op, payload) })
	c.rest = append(c.rest[:0], rest...)
	return err
}

// message answers one message.
func (sh *shard) message(c *client, op byte, payload []byte) error {
	switch op {
	case opClose:
		return errClosed
	case opPing:
		_ = send(c.fd, []byte{0x80 | 10, 0x80, 0, 0, 0, 0}) // a late pong hurts nobody
		return nil
	case opBinary:
	default:
		return nil
	}
	if err := schema.ParseServerFrame(payload, &sh.frame); err != nil {
		return err
	}
	if !sh.frame.HasSnapshot {
		return nil
	}
	tick := sh.frame.Snapshot.Tick
	sh.seeTick(c, tick)
	message := sh.answers.to(tick)
	if !send(c.fd, message) {
		sh.count.unsent.Add(1)
		return nil
	}
	sh.count.inputs.Add(1)
	sh.count.bytesOut.Add(int64(len(message)))
	return nil
}

// seeTick books a snapshot.
func (sh *shard) seeTick(c *client, tick uint32) {
	sh.count.frames.Add(1)
	c.seen.Add(1)
	if c.tick != 0 && tick-c.tick > 1 {
		sh.count.missed.Add(int64(tick - c.tick - 1))
	}
	c.tick = tick
	if sh.swarm.slow != nil {
		sh.swarm.newest.Store(tick)
	}
}

// seen returns each client's snapshots since the last call.
func (sh *shard) seen() []int64 {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	counts := make([]int64, len(sh.clients))
	for i, c := range sh.clients {
		counts[i] = c.seen.Swap(0)
	}
	return counts
}
