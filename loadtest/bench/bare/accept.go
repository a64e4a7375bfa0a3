//go:build linux

package bare

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
)

// acceptKey is the fixed part of a handshake's answer, RFC 6455 section 1.3.
const acceptKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// accept answers handshakes and places the sockets in rooms, one room after the other.
func (s *server) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return // the listener is closed
		}
		go func() {
			fd, err := handshake(nc)
			_ = nc.Close() // fd is a duplicate
			if err == nil {
				room := int(s.next.Add(1)-1) / s.cfg.PerRoom
				s.rooms[room%len(s.rooms)].add(fd)
			}
		}()
	}
}

// handshake upgrades nc and returns its socket, out of the hands of Go's poller.
func handshake(nc net.Conn) (int, error) {
	req, err := http.ReadRequest(bufio.NewReader(nc))
	if err != nil {
		return 0, err
	}
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + acceptKey))
	if _, err := fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]), schema.Subprotocol); err != nil {
		return 0, err
	}
	raw, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var fd int
	var failed error
	if err := raw.Control(func(from uintptr) { fd, failed = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return fd, unix.SetNonblock(fd, true)
}
