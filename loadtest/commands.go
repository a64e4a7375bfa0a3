package main

import (
	"context"
	"fmt"
	"io"

	"github.com/roomtick/roomtick/loadtest/swarm"
)

// Exit codes of the subcommands; package swarm says those of a load test.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands are what `loadtest NAME ...` runs beside the load test. Flags come after the
// name.
func commands() []swarm.Command {
	return []swarm.Command{
		{Name: "codec", Summary: "-trace FILE: what a game's entities would cost on the wire", Run: func(_ context.Context, args []string, stdout, stderr io.Writer) int {
			return runCodec(args, stdout, stderr)
		}},
		{Name: "cluster", Summary: "-nodes 3: several servers, their Redis and one address in front, on this machine", Run: runCluster},
		{Name: "record", Summary: "-trace FILE: takes their values from a running room", Run: runRecord},
		{Name: "trace", Summary: "NAME: makes a trace to practise on", Run: func(_ context.Context, args []string, _, stderr io.Writer) int {
			return runTrace(args, stderr)
		}},
	}
}

// usage reports a wrong command line.
func usage(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintln(stderr, err)
	return exitUsage
}
