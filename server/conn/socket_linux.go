package conn

import (
	"errors"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

var errNotTCP = errors.New("conn: not a plain TCP socket")

// detach takes the socket of nc out of the hands of Go's poller, which would wake a thread
// for everything that arrives, and closes nc. What was set on the socket stays.
func detach(nc net.Conn) (fd int, err error) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return -1, errNotTCP
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return -1, err
	}
	failed := raw.Control(func(from uintptr) {
		if fd, err = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) // without it a frame came at its tick
		}
	})
	if err := errors.Join(failed, err); err != nil {
		return -1, err
	}
	_ = tcp.Close() // the socket lives on under fd
	return fd, nil
}

// attach makes a net.Conn of a socket again, and closes fd. If that is not possible,
// because the process has no file descriptor left, the net.Conn is a closed one.
func attach(fd int) net.Conn {
	f := os.NewFile(uintptr(fd), "")
	defer f.Close()
	if nc, err := net.FileConn(f); err == nil {
		return nc
	}
	dead, other := net.Pipe()
	_, _ = dead.Close(), other.Close()
	return dead
}

// receiver is the memory that the sockets of one room are read with, in turn.
type receiver struct {
	head    unix.Msghdr
	piece   unix.Iovec
	control [64]byte // the kernel's time stamps
}

// read reads without waiting and returns the time at which what it read had come in, as
// far as the kernel says; now is the time to assume else. Neither this call nor send tells
// the scheduler: both return at once.
func (r *receiver) read(fd int, p []byte, now time.Time) (n int, at time.Time, err error) {
	r.piece.Base = &p[0]
	r.piece.SetLen(len(p))
	r.head.Iov, r.head.Iovlen = &r.piece, 1
	r.head.Control = &r.control[0]
	r.head.SetControllen(len(r.control))
	got, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.head)), unix.MSG_DONTWAIT)
	r.piece.Base = nil
	if errno != 0 {
		return 0, now, errno
	}
	return int(got), now.Add(-r.age(now)), nil
}

// maxAge is beyond what a conn can be silent for: a stamp that is older only says that
// the wall clock was set.
const maxAge = DefaultIdle

// age is how long before now the kernel took in what was read last; 0 if it does not say.
func (r *receiver) age(now time.Time) time.Duration {
	if r.head.Controllen == 0 {
		return 0
	}
	head, data, _, err := unix.ParseOneSocketControlMessage(r.control[:r.head.Controllen])
	if err != nil || head.Level != unix.SOL_SOCKET || head.Type != unix.SCM_TIMESTAMPNS || len(data) < stampBytes {
		return 0
	}
	stamp := *(*unix.Timespec)(unsafe.Pointer(&data[0]))
	if d := time.Duration(now.UnixNano() - stamp.Nano()); d > 0 && d <= maxAge {
		return d
	}
	return 0
}

const stampBytes = int(unsafe.Sizeof(unix.Timespec{}))

// send writes without waiting and returns how many bytes the socket took.
func send(fd int, b []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
