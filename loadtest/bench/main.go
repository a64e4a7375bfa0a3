//go:build linux

// Command bench prints the figures that this project is held to: it builds the server,
// runs it and its clients as processes of their own on this machine, and measures them
// side by side with the least that the same work can cost. Ratios are taken within a
// round, so that a slow or busy machine disturbs both of their sides; every figure is the
// median of several rounds, with their range.
//
//	go run ./loadtest/bench                      everything, some 20 minutes
//	go run ./loadtest/bench -only cpu -rounds 3  some of it
//	go run ./loadtest/bench -list                what there is
//
// It never judges: the column "held to" says what the figure should be.
//
// Two of its parts can be run by themselves: "bench bare" is the bare server, and
// "bench drive" the clients that load either server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the whole command, or the part of it that a child process is.
func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "bare":
			return runBare(ctx, args[1:], in, out)
		case "drive":
			return runDrive(ctx, args[1:], in, out)
		}
	}
	opts, err := parse(args, progress)
	if err != nil {
		return err
	}
	if opts.list {
		return list(out)
	}
	b, err := newBench(ctx, opts, progress)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	r, err := b.run(ctx)
	if text := r.text(); text != "" {
		_, _ = io.WriteString(out, text) // what was measured before it failed, too
	}
	return errors.Join(err, r.save(opts.json))
}
