// Command loadtest puts a roomtick server under load with headless bots that play,
// decode and check everything, and says what they saw.
//
//	go run ./loadtest -url http://127.0.0.1:8080 -bots 100 -hold 10s -json out.json
//
// It exits with 0 if all is well, 1 if a bot was failed by the server, 2 for a wrong
// command line, and 3 if the run proves nothing because the bots themselves lagged or
// left out inputs. With -admin the server's own metrics are part of the verdict.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitInvalid = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], []*sim.Definition{arena.Game}, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command. Ending ctx ends the hold early; the report is still made.
func run(ctx context.Context, args []string, games []*sim.Definition, stdout, stderr io.Writer) int {
	if code, found := subcommand(args, stdout, stderr); found {
		return code
	}
	s, err := parse(args, games, stderr)
	if err != nil {
		return exitUsage
	}
	swarm := newSwarm(s, definition(games, s.game))
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(watching, swarm, stderr)
	}()
	r := swarm.run(ctx)
	stop()
	<-watched
	if s.json == "-" {
		return exitCode(&r, r.writeJSON(stdout), stderr)
	}
	_, err = io.WriteString(stdout, r.text())
	if s.json != "" {
		return exitCode(&r, r.saveJSON(s.json), stderr)
	}
	return exitCode(&r, err, stderr)
}

// watch prints a line about the swarm now and then until ctx ends: often on a
// terminal, in place, and seldom elsewhere.
func watch(ctx context.Context, s *swarm, w io.Writer) {
	every, format := 5*time.Second, "%s\n"
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		every, format = time.Second, "\r\x1b[K%s"
		defer func() { _, _ = io.WriteString(w, "\n") }()
	}
	p := progress{swarm: s, format: format}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			p.line(w, now)
		}
	}
}
