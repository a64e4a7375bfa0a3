//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
)

// suite is one group of figures.
type suite struct {
	name  string
	about string
	run   func(ctx context.Context, b *bench) error
}

// suites lists all of them, in the order in which they run: the quick ones first.
func suites() []suite {
	return []suite{
		{"sdk", "size of the SDK", sdkSuite},
		{"codec", "encode and decode, in time an entity", codecSuite},
		{"cores", "what a second core brings a node of many rooms", coresSuite},
		{"queue", "a round of matchmaking over 100,000 tickets, on one core", queueSuite},
		{"match", "joins that find or open a room: of one node, and of three over Redis", matchSuite},
		{"js", "decode of 1,000 changed entities in Node and in Chromium", jsSuite},
		{"bytes", "bytes an entity update, beside the entropy of what is new in it", bytesSuite},
		{"share", "how many deltas are made once for many, in the arena", shareSuite},
		{"slow", "a client that reads 60 % of its stream", slowSuite},
		{"cpu", "the server's CPU per delivered snapshot, over bare sockets; memory a client", cpuSuite},
		{"stalled", "a server of which every tenth client reads nothing", stalledSuite},
		{"growth", "cost per client as one room grows from 200 to 2,000", growthSuite},
		{"lateness", "how late ticks start when the machine is busy", latenessSuite},
		{"most", "how many clients and rooms one server holds", mostSuite},
		{"rooms", "many rooms of two players at 2 ticks a second", roomsSuite},
	}
}

func list(out io.Writer) error {
	for _, s := range suites() {
		if _, err := fmt.Fprintf(out, "%-10s %s\n", s.name, s.about); err != nil {
			return err
		}
	}
	return nil
}

// bench is a run of the command.
type bench struct {
	opts     options
	progress io.Writer
	root     string // of the module
	dir      string // temporary
	server   string // program of examples/wander
	self     string // this program
	report   *report
	start    time.Time
	busy     time.Duration // of all cores, when it started
}

// newBench builds the programs.
func newBench(ctx context.Context, opts options, progress io.Writer) (*bench, error) {
	b := &bench{opts: opts, progress: progress, report: newReport(opts), start: time.Now()}
	b.busy, _ = proc.Busy() // asked again at the end
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("run it inside the repository: %w", err)
	}
	b.root = strings.TrimSpace(string(root))
	if b.dir, err = os.MkdirTemp("", "roomtick-bench-"); err != nil {
		return nil, err
	}
	b.server, b.self = filepath.Join(b.dir, "server"), filepath.Join(b.dir, "bench")
	b.say("building the server and the clients")
	for program, source := range map[string]string{b.server: "./examples/wander", b.self: "./loadtest/bench"} {
		if err := b.build(ctx, program, source); err != nil {
			b.cleanUp()
			return nil, err
		}
	}
	return b, nil
}

// build makes one program. The server is built with the profile of the repository's own
// server, if there is one: go build finds that only for the program beside it.
func (b *bench) build(ctx context.Context, program, source string) error {
	args := []string{"build", "-o", program}
	if profile := filepath.Join(b.root, "default.pgo"); program == b.server && isThere(profile) {
		args = append(args, "-pgo="+profile)
	}
	build := exec.CommandContext(ctx, "go", append(args, source)...)
	build.Dir = b.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", source, err, out)
	}
	return nil
}

// serve starts the server, with the flags of the command line and these.
func (b *bench) serve(ctx context.Context, flags ...string) (*proc.Server, error) {
	return proc.StartServer(ctx, b.server, append(strings.Fields(b.opts.serve), flags...)...)
}

func (b *bench) cleanUp() { _ = os.RemoveAll(b.dir) }

// someRounds is how many rounds there are of what is not compared with something else:
// each takes long, and nothing is divided by it.
const someRounds = 3

func (b *bench) fewRounds() int { return min(b.opts.rounds, someRounds) }

// say tells how far it is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "%6.1fs  %s\n", time.Since(b.start).Seconds(), fmt.Sprintf(format, args...))
}

// run runs the suites that were asked for. A suite that fails does not keep the others
// from running.
func (b *bench) run(ctx context.Context) (*report, error) {
	defer func() { b.report.Others = b.others() }()
	var failed []string
	for _, s := range suites() {
		if len(b.opts.only) > 0 && !slices.Contains(b.opts.only, s.name) {
			continue
		}
		b.say("%s: %s", s.name, s.about)
		b.report.suite = s.name
		if err := s.run(ctx, b); err != nil {
			if ctx.Err() != nil {
				return b.report, context.Cause(ctx)
			}
			b.say("%s failed: %v", s.name, err)
			failed = append(failed, fmt.Sprintf("%s: %v", s.name, err))
		}
	}
	if len(failed) > 0 {
		return b.report, fmt.Errorf("%d of the suites failed:\n%s", len(failed), strings.Join(failed, "\n"))
	}
	return b.report, nil
}

// others is how many cores were busy with other processes than ours since the start: what
// a figure of a busy machine is worth can only be judged by who knows that.
func (b *bench) others() float64 {
	busy, err := proc.Busy()
	if err != nil {
		return 0
	}
	var used time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		if unix.Getrusage(who, &r) == nil {
			used += time.Duration(r.Utime.Nano() + r.Stime.Nano())
		}
	}
	return max(0, (busy-b.busy-used).Seconds()/time.Since(b.start).Seconds())
}
