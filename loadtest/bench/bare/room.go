//go:build linux

package bare

import (
	"bytes"
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
)

// room is a set of sockets with one tick.
type room struct {
	mu      sync.Mutex // guards the following
	arrived []int      // sockets for the next tick

	// Owned by the tick goroutine.
	poll   int // an epoll of this room's sockets
	fds    []int
	frame  []byte // ready to be written but for its tick
	tickAt int    // where that is in frame
	number uint32
	events []unix.EpollEvent
	buf    []byte
}

// mark stands for the tick while a frame is made, to find where it is.
const mark = 0xDEC0DE01

func newRoom(cfg Config) (*room, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	frame := readyFrame(cfg.Frame)
	at := bytes.Index(frame, binary.LittleEndian.AppendUint32(nil, mark))
	return &room{
		poll: poll, frame: frame, tickAt: at, number: 1,
		events: make([]unix.EpollEvent, max(1, cfg.PerRoom)),
		buf:    make([]byte, 4096),
	}, nil
}

// readyFrame makes a whole WebSocket message with a snapshot of size bytes, as near as
// alignment allows.
func readyFrame(size int) []byte {
	b := schema.NewBuilder(size)
	f := schema.ServerFrame{HasSnapshot: true, Snapshot: schema.SnapshotHead{Tick: mark}}
	envelope := len(b.ServerFrame(&f))
	f.Deltas = make([]byte, max(0, size-envelope-4))
	payload := b.ServerFrame(&f)
	head := []byte{0x82, byte(len(payload))} // final, binary
	if len(payload) > 125 {
		head = binary.BigEndian.AppendUint16([]byte{0x82, 126}, uint16(len(payload)))
	}
	return append(head, payload...)
}

// add places a socket, from any goroutine.
func (r *room) add(fd int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrived = append(r.arrived, fd)
}

// tick reads what came in and writes one frame to every socket.
func (r *room) tick(s *server) {
	r.welcome()
	n, _ := unix.EpollWait(r.poll, r.events, 0) // an interrupted poll finds it next time
	for _, e := range r.events[:max(0, n)] {
		got, err := unix.Read(int(e.Fd), r.buf)
		if got > 0 {
			s.reads.Add(1)
			s.bytesIn.Add(int64(got))
		} else if err != unix.EAGAIN && err != unix.EINTR {
			r.drop(int(e.Fd), s)
		}
	}
	binary.LittleEndian.PutUint32(r.frame[r.tickAt:], r.number)
	r.number++
	for _, fd := range r.fds {
		if wrote, _ := unix.Write(fd, r.frame); wrote == len(r.frame) {
			s.frames.Add(1)
			s.bytesOut.Add(int64(wrote))
		} else {
			s.unsent.Add(1)
		}
	}
}

// welcome takes in the sockets that arrived since the last tick.
func (r *room) welcome() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, fd := range r.arrived {
		e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
		if err := unix.EpollCtl(r.poll, unix.EPOLL_CTL_ADD, fd, &e); err != nil {
			_ = unix.Close(fd)
			continue
		}
		r.fds = append(r.fds, fd)
	}
	r.arrived = r.arrived[:0]
}

func (r *room) drop(fd int, s *server) {
	for i, other := range r.fds {
		if other == fd {
			r.fds[i] = r.fds[len(r.fds)-1]
			r.fds = r.fds[:len(r.fds)-1]
			_ = unix.Close(fd)
			s.closed.Add(1)
			return
		}
	}
}
