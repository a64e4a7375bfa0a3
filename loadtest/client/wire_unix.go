//go:build unix

package client

import "syscall"

// tryWrite writes what the kernel takes without waiting. An error counts as nothing
// written: the write that follows meets it again.
func tryWrite(raw syscall.RawConn, p []byte) int {
	n := 0
	_ = raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), p)
		return true // do not wait
	})
	return max(0, n)
}
