package conn

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// userTimeout ends a conn whose sent data nobody acknowledges; keepalive does not
	// fire while data is queued. With the 2 s the client waits before it opens a second
	// socket this frees the seat within 10 s.
	userTimeout = 8 * time.Second

	// unsentBytes bounds what the kernel takes beyond what the network accepts, so that
	// a write of a slow conn blocks its writer instead of hiding seconds of snapshots.
	unsentBytes = 16 << 10
)

// tune sets the socket options of nc, if it is a TCP conn or wraps one. Errors are
// ignored: an old kernel without an option still serves.
func tune(nc net.Conn) {
	if w, ok := nc.(interface{ NetConn() net.Conn }); ok {
		nc = w.NetConn()
	}
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(userTimeout.Milliseconds()))
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes)
	})
}
