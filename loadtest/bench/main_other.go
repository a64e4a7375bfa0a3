//go:build !linux

// Command bench measures the server with what Linux says of processes and sockets; on
// other systems it only says so.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: needs Linux")
	os.Exit(1)
}
