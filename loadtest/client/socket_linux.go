package client

import (
	"errors"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// detach takes the socket out of the hands of Go's poller, for a shard to read and write.
// What is set on it stays.
func (w *wire) detach() (fd int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tcp, ok := w.Conn.(*net.TCPConn)
	if !ok || w.raw == nil || w.flushing {
		return -1, errUnread
	}
	failed := w.raw.Control(func(from uintptr) {
		if fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) // without it a frame came when it was read
		}
	})
	if err := errors.Join(failed, err); err != nil {
		return -1, err
	}
	_ = tcp.Close() // the socket lives on under fd
	w.Conn, w.raw, w.fd = nil, nil, fd
	return fd, nil
}

// attach undoes detach. If the process has no file descriptor left, what follows is a
// closed conn.
func (w *wire) attach() {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := os.NewFile(uintptr(w.fd), "")
	defer f.Close()
	w.fd = -1
	nc, err := net.FileConn(f)
	if err != nil {
		var other net.Conn
		nc, other = net.Pipe()
		_, _ = nc.Close(), other.Close()
	}
	if w.Conn = nc; w.closed {
		_ = nc.Close()
		return
	}
	w.raw = rawOf(nc)
	w.flushLocked()
}

// shutDown ends reads and writes of a socket that somebody else may be using.
func shutDown(fd int) { _ = unix.Shutdown(fd, unix.SHUT_RDWR) }

func again(err error) bool { return err == unix.EAGAIN || err == unix.EINTR } //nolint:errorlint // system calls return plain numbers

// receiver is the memory that the sockets of one shard are read with, in turn.
type receiver struct {
	head    unix.Msghdr
	piece   unix.Iovec
	control [64]byte // the kernel's time stamps
}

// read reads without waiting, and returns how long ago what it read had come in, as far
// as the kernel says. Neither this call nor send tells the scheduler: both return at once.
func (r *receiver) read(fd int, p []byte) (n int, age time.Duration, err error) {
	r.piece.Base = &p[0]
	r.piece.SetLen(len(p))
	r.head.Iov, r.head.Iovlen = &r.piece, 1
	r.head.Control = &r.control[0]
	r.head.SetControllen(len(r.control))
	got, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.head)), unix.MSG_DONTWAIT)
	r.piece.Base = nil
	if errno != 0 {
		return 0, 0, errno
	}
	return int(got), r.age(), nil
}

// age is how long ago the kernel took in what was read last; 0 if it does not say. The
// caller bounds it: the wall clock may have been set.
func (r *receiver) age() time.Duration {
	if r.head.Controllen == 0 {
		return 0
	}
	head, data, _, err := unix.ParseOneSocketControlMessage(r.control[:r.head.Controllen])
	if err != nil || head.Level != unix.SOL_SOCKET || head.Type != unix.SCM_TIMESTAMPNS || len(data) < stampBytes {
		return 0
	}
	stamp := *(*unix.Timespec)(unsafe.Pointer(&data[0]))
	return max(0, time.Duration(time.Now().UnixNano()-stamp.Nano()))
}

const stampBytes = int(unsafe.Sizeof(unix.Timespec{}))

// send writes without waiting and returns how many bytes the socket took.
func send(fd int, b []byte) int {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n)
		case unix.EINTR:
		default:
			return 0
		}
	}
}
