package server

import "golang.org/x/sys/unix"

// mostFiles is how many files and sockets this process may have open; 0 if nobody says.
// The Go runtime has raised the soft limit to the hard one by now.
func mostFiles() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Cur
}
