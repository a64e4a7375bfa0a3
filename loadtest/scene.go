package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/loadtest/trace/pile"
)

var errTraceUsage = errors.New("loadtest trace pile -out FILE [-cubes 900] [-frames 600] [-seed 1] [-rotation numbers|smallest]")

// runTrace is `loadtest trace`: makes a trace to practise on.
func runTrace(args []string, stderr io.Writer) int {
	if len(args) == 1 && (args[0] == "-h" || args[0] == "-help") {
		_, _ = fmt.Fprintln(stderr, errTraceUsage)
		return exitOK
	}
	if len(args) == 0 || args[0] != "pile" {
		return usage(stderr, errTraceUsage)
	}
	flags := flag.NewFlagSet("loadtest trace pile", flag.ContinueOnError)
	out := flags.String("out", "", "write the trace to this file, as in `pile.trace` (required)")
	var s pile.Scene
	flags.IntVar(&s.Cubes, "cubes", 900, "small cubes, such as `900`; a large one rolls among them")
	flags.IntVar(&s.Frames, "frames", 600, "frames, such as `600`, 60 a second")
	flags.Uint64Var(&s.Seed, "seed", 1, "a number such as `1`: of the way that the large one takes")
	rotation := flags.String("rotation", "numbers", "`numbers`: a quaternion's four; smallest: the number of the largest, and the three others in 9 bits")
	if code, done := swarm.ParseFlags(flags, args[1:], stderr); done {
		return code
	}
	s.Smallest = *rotation == "smallest"
	switch {
	case *out == "" || flags.NArg() > 0 || !s.Smallest && *rotation != "numbers":
		return usage(stderr, errTraceUsage)
	case s.Cubes < 1 || s.Cubes >= trace.MaxEntities || s.Frames < 1:
		return usage(stderr, fmt.Errorf("-cubes %d, -frames %d: use 1 to %d cubes and 1 frame or more", s.Cubes, s.Frames, trace.MaxEntities-1))
	}
	if err := saveTrace(s.Trace(), *out); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitFailed
	}
	return exitOK
}
