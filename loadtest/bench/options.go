//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// errUsage wraps whatever is wrong with the command line.
var errUsage = errors.New("usage")

// options are what the command line says.
type options struct {
	only    []string // suites; empty: all
	rounds  int
	seconds float64 // of one measurement
	clients int     // of the usual load
	rooms   int     // of two at a low rate
	limit   int     // clients at which a search for the capacity ends
	load    string  // part of the names of cpu's loads; empty: all
	serve   string  // further flags of the server
	profile string  // file for the server's CPU profile
	json    string
	list    bool
}

// hold is how long one measurement lasts.
func (o *options) hold() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

// parse reads the command line and reports every problem at once.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(usage)
	only := flags.String("only", "", "suites to run, separated by commas; empty for all; see -list")
	flags.IntVar(&o.rounds, "rounds", 7, "interleaved rounds of every comparison; what is not compared takes 3 at most")
	flags.Float64Var(&o.seconds, "seconds", 3, "length of one measurement")
	flags.IntVar(&o.clients, "clients", 1000, "clients of the usual load, a multiple of 200")
	flags.IntVar(&o.rooms, "rooms", roomsHeld, "rooms of two players at 2 ticks a second")
	flags.IntVar(&o.limit, "limit", 10000, "clients at which the search for the most ends")
	flags.StringVar(&o.load, "load", "", "suite cpu: only the loads with this in their names, such as '20 x 50'")
	flags.StringVar(&o.serve, "serve", "", "further flags of the server, separated by spaces")
	flags.StringVar(&o.profile, "profile", "", "suite cpu: write a CPU profile of the server, of its first load, to this file")
	flags.StringVar(&o.json, "json", "", "write the figures to this file as JSON; - is standard output")
	flags.BoolVar(&o.list, "list", false, "list the suites")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	return o, o.check(flags.Args())
}

func (o *options) check(rest []string) error {
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q", rest[0]))
	}
	known := suites()
	for _, name := range o.only {
		if !slices.ContainsFunc(known, func(s suite) bool { return s.name == name }) {
			errs = append(errs, fmt.Errorf("-only: no suite %q; see -list", name))
		}
	}
	if o.rounds < 1 {
		errs = append(errs, fmt.Errorf("-rounds %d: use 1 or more", o.rounds))
	}
	if !(o.seconds >= 0.1 && o.seconds <= 60) {
		errs = append(errs, fmt.Errorf("-seconds %v: use 0.1 to 60", o.seconds))
	}
	if o.clients < 1 || o.rooms < 1 || o.limit < 1 {
		errs = append(errs, errors.New("-clients, -rooms and -limit: use 1 or more"))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", errUsage, errors.Join(errs...))
}
