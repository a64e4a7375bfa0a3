package swarm

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/roomtick/roomtick/loadtest/dash"
	"github.com/roomtick/roomtick/loadtest/html"
	"github.com/roomtick/roomtick/loadtest/report"
)

// show draws a report that was saved as JSON once more: the dashboard as it was, or the
// page.
func show(_ context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("loadtest show", flag.ContinueOnError)
	at := flags.Duration("at", 0, "the dashboard as it was so far into the run, such as `20s`; default its end")
	width := flags.Int("width", 100, "columns of the dashboard, such as `100`")
	page := flags.String("html", "", "write the page with charts to this file instead, as in `out.html`")
	if code, done := ParseFlags(flags, args, stderr); done {
		return code
	}
	if flags.NArg() != 1 {
		_, _ = fmt.Fprintln(stderr, "show: name one report behind the flags, as in: loadtest show -at 20s out.json")
		return exitUsage
	}
	r, err := readReport(flags.Arg(0))
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "show: %s: %v\n", flags.Arg(0), err)
		return exitUsage
	}
	if *page != "" {
		err = writeFile(*page, func(w io.Writer) error { return html.Write(w, r) })
	} else {
		_, err = io.WriteString(stdout, pastView(r, *at, *width))
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "show: "+err.Error())
		return exitFailed
	}
	return exitOK
}

func pastView(r *report.Report, at time.Duration, width int) string {
	t := at.Seconds()
	if at <= 0 {
		t = r.Config.Seconds
		if n := len(r.Timeline); n > 0 {
			t = math.Max(t, r.Timeline[n-1].T)
		}
	}
	past := dash.Past(r, t)
	return dash.View(&past, width, dash.Colours())
}
