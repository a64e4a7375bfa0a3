// Package server is the edge: it serves the page and the SDK, finds players a room,
// takes their sockets, and runs the rooms of this process. Main is a user's whole main.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/roomtick/roomtick/server/results"
	"github.com/roomtick/roomtick/sim"
)

// Exit codes of Main.
const (
	exitFailed = 1 // it could not start or did not end well
	exitUsage  = 2 // the configuration is wrong
)

// Process is what a run needs of the process around it.
type Process struct {
	Args   []string  // without the program's name
	Env    []string  // "NAME=value"
	Stdout io.Writer // the addresses, -print-config, -help
	Stderr io.Writer // the log
}

// Program is a server with more to it than games, for Main as a method.
type Program struct {
	Games []*sim.Definition

	// OnResult, if set, is given the result of every match whose game called Finish: at
	// least once, in the order in which they ended, until it returns nil. Its context ends
	// after 10 s. What waits for it is lost with the process, unless -data is set.
	OnResult ResultFunc
}

// ResultFunc takes the result of a match.
type ResultFunc = func(ctx context.Context, r results.Result) error

// Main serves games until SIGINT or SIGTERM, then says goodbye to their players and
// exits: 0, 1 if it failed, 2 if the configuration is wrong. A second signal ends the
// process at once.
func Main(games ...*sim.Definition) { Program{Games: games}.Main() }

// Main is the function Main for this program.
func (program Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if !decidesGC(os.Environ()) {
		go boundHeadroom(ctx)
	}
	err := program.run(ctx, Process{Args: os.Args[1:], Env: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr})
	os.Exit(exitCode(os.Stderr, err))
}

// exitCode prints err, one mistake a line, and returns the code that tells of it.
func exitCode(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	for line := range strings.Lines(err.Error()) {
		_, _ = fmt.Fprintf(w, "roomtick: %s\n", strings.TrimSpace(line)) // nowhere else to say it
	}
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}

// Run is Main without the process: it serves games until ctx ends.
func Run(ctx context.Context, p Process, games ...*sim.Definition) error {
	return Program{Games: games}.run(ctx, p)
}

func (program Program) run(ctx context.Context, p Process) error {
	games := program.Games
	args := p.Args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		if args[0] != "serve" {
			return usageError{fmt.Errorf("unknown command %q; the only one is serve, which is also the default", args[0])}
		}
		args = args[1:]
	}
	cfg, all, err := parseConfig(args, p.Env)
	switch {
	case err != nil:
		return err
	case cfg.help:
		return all.help(p.Stdout)
	case cfg.print:
		return all.print(p.Stdout)
	}
	if err := checkGames(cfg, games); err != nil {
		return err
	}
	return serve(ctx, cfg, p, games, program.OnResult)
}

// checkGames reports every mistake of every game at once.
func checkGames(cfg *config, games []*sim.Definition) error {
	if len(games) == 0 {
		return errors.New("no game: give server.Main the value that sim.Define returned")
	}
	var wrong []error
	seen := make(map[string]bool)
	for i, g := range games {
		if g == nil {
			wrong = append(wrong, fmt.Errorf("game %d is nil; use the value that sim.Define returned", i+1))
			continue
		}
		wrong = append(wrong, g.Err())
		if g.Err() != nil {
			continue
		}
		if seen[g.Name()] {
			wrong = append(wrong, fmt.Errorf("two games are called %q; give one another sim.Config.Name", g.Name()))
		}
		seen[g.Name()] = true
		if cfg.bots > 0 && !g.HasBrain() {
			wrong = append(wrong, usageError{fmt.Errorf("-bots %d: %s has no computer players; give it a method Think, or use -bots 0", cfg.bots, g.Name())})
		}
		wrong = append(wrong, tryOptions(g, cfg.roomOptions))
		if limit := g.Config().MaxPlayers; cfg.bots >= limit {
			wrong = append(wrong, usageError{fmt.Errorf("-bots %d: %s has %d seats and players need one; use less", cfg.bots, g.Name(), limit)})
		}
	}
	return errors.Join(wrong...)
}

// tryOptions makes one world with the options of the rooms: what the game says of them is
// better heard now than by the first player.
func tryOptions(g *sim.Definition, options []byte) (err error) {
	if len(options) == 0 {
		return nil
	}
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("%s panicked in Create: %v", g.Name(), value)
		}
		if err != nil {
			err = usageError{fmt.Errorf("-room-options %s: %w", options, err)}
		}
	}()
	in, err := g.New(1, options)
	if err != nil {
		return err
	}
	if _, reads := in.Game().(sim.Creator); !reads {
		return fmt.Errorf("%s takes none; give it a method Create, or leave them out", g.Name())
	}
	return nil
}
