package swarm

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/roomtick/roomtick/loadtest/report"
)

// deliver writes the report where the command line wants it.
func deliver(r *report.Report, s settings, stdout io.Writer) error {
	if s.json == "-" {
		return r.WriteJSON(stdout)
	}
	if _, err := io.WriteString(stdout, text(r)); err != nil {
		return err
	}
	if s.json == "" {
		return nil
	}
	return writeFile(s.json, r.WriteJSON)
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

// watch prints a line about the swarm now and then, until the returned stop: often on a
// terminal, in place, and seldom elsewhere.
func watch(s *swarm, w io.Writer) (stop func()) {
	every, format, end := 5*time.Second, "%s\n", ""
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		every, format, end = time.Second, "\r\x1b[K%s", "\n"
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				_, _ = io.WriteString(w, end)
				return
			case <-ticker.C:
				l := s.snapshot(1)
				_, _ = fmt.Fprintf(w, format, progress(&l))
			}
		}
	}()
	return func() { close(quit); <-done }
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
