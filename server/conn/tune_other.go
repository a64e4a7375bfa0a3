//go:build !linux

package conn

import "net"

// tune does nothing here; the room's acknowledgement deadline ends dead conns.
func tune(net.Conn) {}
