// Package swarm is the load test as a library: many bots with a ramp, what they
// measured, and a verdict. A game's author writes a main of ten lines that names the
// games and scenarios; see Main.
//
// The process exits with 0 if all is well, 1 if a bot was failed by the server or the
// report could not be written, 2 for a wrong command line, 3 if the run proves nothing
// because the bots themselves lagged or left out inputs, whatever else failed, and 99 if
// an assertion does not hold, faults or not. With -admin the server's own metrics are
// part of the verdict.
package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"syscall"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/sim"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitInvalid = 3
	exitAssert  = 99
)

// Options are what a game's author brings. The zero value plays any game with random
// inputs. A scenario may not be called like a way to play that there is, nor a command
// like another one.
type Options struct {
	Games     []*sim.Definition          // whose brains may play
	Scenarios map[string]client.Scenario // players by script, for -play <name>
	Commands  []Command                  // beside the load test itself and compare
}

// Command is a subcommand: "loadtest <name> ...".
type Command struct {
	Name, Summary string
	Run           func(ctx context.Context, args []string, stdout, stderr io.Writer) (code int)
}

// Main is a load test's whole main: it reads the command line, runs the swarm, prints
// the report and exits.
func Main(o Options) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	code := Run(ctx, o, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Run is Main without the process. Ending ctx ends the hold early; the report is still
// made.
func Run(ctx context.Context, o Options, args []string, stdout, stderr io.Writer) (code int) {
	if err := o.check(); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return exitUsage
	}
	if len(args) == 1 && args[0] == "help" {
		args = []string{"-h"}
	}
	for _, c := range o.commands() {
		if len(args) > 0 && args[0] == c.Name {
			return c.Run(ctx, args[1:], stdout, stderr)
		}
	}
	s, err := parse(ctx, args, &o, stderr)
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	return s.fly(ctx, stdout, stderr)
}

// fly runs the swarm, shows it while it runs, and delivers the report.
func (s *settings) fly(ctx context.Context, stdout, stderr io.Writer) (code int) {
	unprofile, err := profile(s.profile)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "-cpuprofile: "+err.Error())
		return exitUsage
	}
	defer unprofile()
	sw := newSwarm(*s)
	ctx, end := context.WithCancel(ctx)
	defer end()
	stopWatching := watch(sw, end, stderr)
	r := sw.run(ctx)
	stopWatching()
	if err := deliver(&r, *s, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "report: "+err.Error())
		return exitFailed
	}
	return exitCode(&r)
}

// exitCode turns the verdict into the process's.
func exitCode(r *report.Report) int {
	switch v := &r.Verdict; {
	case !v.Valid:
		return exitInvalid
	case v.Failed > 0:
		return exitAssert
	case !v.OK:
		return exitFailed
	}
	return exitOK
}

// builtin lists the ways to play that need no registering.
func builtin() []string {
	return []string{string(client.PlayBrain), string(client.PlayWander), string(client.PlayIdle)}
}

// check reports what is wrong with what was registered.
func (o *Options) check() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(o.Scenarios)) {
		switch {
		case name == "" || slices.Contains(builtin(), name) || name == string(client.PlayScript):
			errs = append(errs, fmt.Errorf("the scenario %q is called like a way to play that there is: give it a name of its own, such as \"circle\"", name))
		case o.Scenarios[name] == nil:
			errs = append(errs, fmt.Errorf("the scenario %q has no function", name))
		}
	}
	taken := make(map[string]bool)
	for _, c := range o.commands() {
		if taken[c.Name] {
			errs = append(errs, fmt.Errorf("there are two commands %q: rename yours", c.Name))
		}
		taken[c.Name] = true
	}
	return errors.Join(errs...)
}

func (o *Options) commands() []Command {
	compare := Command{Name: "compare", Summary: "a.json b.json: what differs between two runs, and whether it is noise", Run: compareFiles}
	again := Command{Name: "show", Summary: "[-at 20s] [-html FILE] a.json: a saved report as dashboard or as page", Run: show}
	return append([]Command{compare, again}, o.Commands...)
}

// profile writes a CPU profile until the returned stop; none to an empty path.
func profile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a profile cut short says so itself
	}, nil
}
