package conn

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSocketsGetTheirTimeoutAndBoundedUnsentBytes(t *testing.T) {
	o, _ := open(t, Options{})
	tcp, ok := o.Conn.link.Conn.(*net.TCPConn)
	if !ok {
		t.Fatalf("the link is on a %T", o.Conn.link.Conn)
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		for option, want := range map[int]int{unix.TCP_USER_TIMEOUT: int(userTimeout.Milliseconds()), unix.TCP_NOTSENT_LOWAT: unsentBytes} {
			if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil || got != want {
				t.Errorf("option %d is %d, %v; want %d", option, got, err, want)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
