package swarm

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/roomtick/roomtick/loadtest/report"
)

// compareFiles is `loadtest compare`: what differs between two saved reports.
func compareFiles(_ context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("loadtest compare", flag.ContinueOnError)
	flags.Usage = func() { _, _ = fmt.Fprintln(stderr, "loadtest compare a.json b.json") }
	if code, done := ParseFlags(flags, args, stderr); done {
		return code
	}
	if args = flags.Args(); len(args) != 2 {
		_, _ = fmt.Fprintln(stderr, "compare: name two reports, as in: loadtest compare a.json b.json")
		return exitUsage
	}
	var runs [2]*report.Report
	for i, path := range args {
		r, err := readReport(path)
		if err != nil {
			_, _ = fmt.Fprintf(stderr, "compare: %s: %v\n", path, err)
			return exitUsage
		}
		runs[i] = r
	}
	if err := report.WriteComparison(stdout, runs[0], runs[1]); err != nil {
		return exitFailed
	}
	return exitOK
}
