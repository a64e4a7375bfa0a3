package impair

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/nettest"
)

func TestAnImpairedConnKeepsTheContractOfNetConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := net.Pipe()
		p := Profile{RTT: 100 * time.Microsecond, Jitter: 100 * time.Microsecond, Bandwidth: 1e9}
		c1, c2 = Conn(a, p, 1), Conn(b, p, 2)
		return c1, c2, func() {
			_ = c1.Close()
			_ = c2.Close()
		}, nil
	})
}
