package main

import (
	"fmt"
	"io"
)

// subcommand runs what `loadtest NAME ...` asks for, if it names something other than a
// load test. Flags come after the name.
func subcommand(args []string, stdout, stderr io.Writer) (code int, found bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch args[0] {
	case "codec":
		return runCodec(args[1:], stdout, stderr), true
	case "trace":
		return runTrace(args[1:], stderr), true
	}
	return 0, false
}

// usage reports a wrong command line.
func usage(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintln(stderr, err)
	return exitUsage
}
