package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/roomtick/roomtick/loadtest/dash"
	"github.com/roomtick/roomtick/loadtest/html"
	"github.com/roomtick/roomtick/loadtest/report"
)

// deliver writes the report where the command line wants it.
func deliver(r *report.Report, s settings, stdout io.Writer) error {
	var errs []error
	if s.html != "" {
		errs = append(errs, writeFile(s.html, func(w io.Writer) error { return html.Write(w, r) }))
	}
	if s.json == "-" {
		return errors.Join(append(errs, r.WriteJSON(stdout))...)
	}
	if s.json != "" {
		errs = append(errs, writeFile(s.json, r.WriteJSON))
	}
	_, err := io.WriteString(stdout, text(r))
	return errors.Join(append(errs, err)...)
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func readReport(path string) (*report.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return report.ReadJSON(f)
}

// lineEvery is how often a line says how the run goes, where there is no dashboard.
const lineEvery = 5 * time.Second

// recent is how many seconds a dashboard looks back.
const recent = 120

// watch shows the run until the returned stop: as a dashboard on a terminal, where end
// is called if the user asks for the end, and a line now and then elsewhere.
func watch(s *swarm, end func(), w io.Writer) (stop func()) {
	ctx, quit := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && term.IsTerminal(int(os.Stdin.Fd())) {
			o := dash.Options{In: os.Stdin, Out: f, Live: func() report.Live { return s.snapshot(recent) }, End: end}
			if dash.Run(ctx, o) == nil {
				return
			}
		}
		lines(ctx, s, w)
	}()
	return func() { quit(); <-done }
}

func lines(ctx context.Context, s *swarm, w io.Writer) {
	ticker := time.NewTicker(lineEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			l := s.snapshot(1)
			_, _ = fmt.Fprintln(w, progress(&l))
		}
	}
}

// progress is a line about the newest second.
func progress(l *report.Live) string {
	p := &l.Now
	parts := []string{
		fmt.Sprintf("%4.0fs %s: %d of %d playing, %d joining", l.Elapsed, l.Stage, p.Bots.Live, p.Bots.Wanted, p.Bots.Joining),
		fmt.Sprintf("%d snapshots/s, %.1f KB/s", p.Frames, float64(p.Bytes)/1000),
	}
	if p.Echo.N > 0 {
		parts = append(parts, fmt.Sprintf("echo p50 %.0f ms, p99 %.0f ms", p.Echo.P50, p.Echo.P99))
	}
	parts = append(parts, fmt.Sprintf("reach %.3f, lag p99 %.1f ms", p.Reach, p.Lag.P99))
	if l.NotIn > 0 {
		parts = append(parts, fmt.Sprintf("%d not let in", l.NotIn))
	}
	if faults := report.Counts(l.Faults); faults != "none" {
		parts = append(parts, "faults "+faults)
	}
	return strings.Join(parts, "; ")
}
