//go:build !unix

package client

import "syscall"

// tryWrite leaves it to the blocking write.
func tryWrite(syscall.RawConn, []byte) int { return 0 }
