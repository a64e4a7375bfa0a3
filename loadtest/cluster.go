package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/roomtick/roomtick/loadtest/cluster"
)

// clusterRun is what `loadtest cluster` was asked for.
type clusterRun struct {
	nodes   int
	bots    int
	addr    string
	program string
	hold    time.Duration
}

// runCluster runs nodes, their Redis and one address in front of them until ctx ends, with
// bots that play there.
func runCluster(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o clusterRun
	flags := flag.NewFlagSet("loadtest cluster", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.nodes, "nodes", 3, "server processes, 1 to 16")
	flags.IntVar(&o.bots, "bots", 30, "bots that play, 0 for none")
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "public address, host:port; its conns are spread over the nodes")
	flags.StringVar(&o.program, "program", "", "your server's program; default the one in this folder, built anew")
	flags.DurationVar(&o.hold, "hold", 0, "end after this long, such as 30s; default with Ctrl-C")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // flags has said what is wrong
	case flags.NArg() > 0:
		return usage(stderr, fmt.Errorf("unexpected %q; settings are given as -name value", flags.Arg(0)))
	case o.nodes < 1 || o.nodes > 16:
		return usage(stderr, fmt.Errorf("-nodes %d: use 1 to 16", o.nodes))
	case o.bots < 0:
		return usage(stderr, fmt.Errorf("-bots %d: use 0 or more", o.bots))
	}
	if o.hold > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.hold)
		defer cancel()
	}
	if err := o.run(ctx, stdout, stderr); err != nil {
		_, _ = fmt.Fprintln(stderr, "cluster:", err)
		return exitFailed
	}
	return exitOK
}

func (o *clusterRun) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "roomtick-cluster-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.program == "" {
		_, _ = fmt.Fprintln(stdout, "building the server")
		o.program = filepath.Join(dir, "server")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.program, ".").CombinedOutput(); err != nil { //nolint:gosec // a name of ours
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	// Its processes are stopped below, in order, and not by ctx all at once.
	c, err := cluster.Start(context.WithoutCancel(ctx), cluster.Options{Program: o.program, Nodes: o.nodes, Addr: o.addr, Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	o.describe(stdout, c)
	if o.bots == 0 {
		<-ctx.Done()
		return nil
	}
	return o.play(ctx, c, stdout, stderr)
}

// describe prints where everything is, and what to try.
func (o *clusterRun) describe(w io.Writer, c *cluster.Cluster) {
	_, _ = fmt.Fprintf(w, "play     %s/\nredis    %s\n", c.URL(), c.Redis.URL())
	for i, n := range c.Nodes {
		_, _ = fmt.Fprintf(w, "node %d   %s, admin %s, process %d\n", i+1, n.URL, n.Admin(), n.PID())
	}
	admins := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		admins[i] = n.Admin()
	}
	_, _ = fmt.Fprintf(w, "load     go run ./loadtest -url %s -admin %s\n", c.URL(), strings.Join(admins, ","))
	_, _ = fmt.Fprintln(w, "try      kill -9 one of the nodes: its rooms leave the list, and players find others")
}

// play lets bots play until ctx ends.
func (o *clusterRun) play(ctx context.Context, c *cluster.Cluster, stdout, stderr io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	hold := o.hold
	if hold == 0 {
		hold = 24 * time.Hour
	}
	cmd := exec.CommandContext(ctx, self, "-url", c.URL(), "-bots", strconv.Itoa(o.bots), "-hold", hold.String()) //nolint:gosec // this program
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // it reports
	cmd.WaitDelay = 10 * time.Second
	var said *exec.ExitError
	if err := cmd.Run(); err != nil && ctx.Err() == nil && !errors.As(err, &said) {
		return err
	}
	return nil // what the bots saw they have said, and parts of a cluster may be killed
}
