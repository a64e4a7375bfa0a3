package swarm

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/impair"
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/sim"
)

// settings are what the command line says.
type settings struct {
	args       []string
	url        string
	admin      string // empty: not known
	game       string
	definition *sim.Definition // nil if unknown here; then nothing thinks
	name       string
	play       string
	player     client.Play
	scenario   client.Scenario
	decode     bool
	thinkEvery int
	ramp       ramp
	churn      float64 // share of the bots a minute
	rooms      int
	perRoom    int
	queue      queueing
	storms     []report.Storm
	stalled    int
	stallFor   time.Duration
	cut        int
	seed       uint64
	net        *impair.Network // nil: as it is
	json       string
	html       string
	profile    string
	conditions []report.Condition
}

// errUsage wraps whatever is wrong with the command line; errHelp is a request for it.
var (
	errUsage = errors.New("usage")
	errHelp  = flag.ErrHelp
)

// words are flags whose values are read once all are known.
type words struct {
	bots                                int
	hold, rampOver                      time.Duration
	ramp, churn, stalled, cut, decoded  string
	net, party, skill, decline, updates string
	storms, asserts                     list
}

// list is a flag that may be given more than once.
type list []string

// String is for package flag.
func (l *list) String() string { return strings.Join(*l, " ") }

// Set is for package flag.
func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// parse reads the command line. Every problem is reported at once, on stderr.
func parse(ctx context.Context, args []string, o *Options, stderr io.Writer) (settings, error) {
	s := settings{args: args}
	var w words
	flags := flag.NewFlagSet("loadtest", flag.ContinueOnError)
	s.define(flags, &w, o)
	flags.Usage = func() { describe(flags, o, stderr) }
	switch code, done := ParseFlags(flags, args, stderr); {
	case done && code == exitOK:
		return s, errHelp
	case done:
		return s, errUsage
	}
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	err := s.check(ctx, &w, given, flags.Args(), o)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return s, fmt.Errorf("%w: %w", errUsage, err)
	}
	return s, nil
}

// define lists the flags.
func (s *settings) define(f *flag.FlagSet, w *words, o *Options) {
	scripts := ""
	for _, name := range slices.Sorted(maps.Keys(o.Scenarios)) {
		scripts += ", " + name
	}
	f.StringVar(&s.url, "url", "http://127.0.0.1:8080", "the server, as in `http://127.0.0.1:8080`")
	f.StringVar(&s.admin, "admin", "", "the server's admin URL, such as `http://127.0.0.1:8081`: its /metrics become part of the report and of the verdict")
	f.StringVar(&s.game, "game", "", "the game to join, such as `arena`; default the server's only one")
	f.StringVar(&s.name, "name", "bot", "name of the players, such as `bot`; a number is added")
	f.StringVar(&s.play, "play", "", "brain (the game's own), `wander` (random inputs), idle (none)"+scripts+"; default brain if the game has one, else wander")
	f.IntVar(&s.thinkEvery, "think-every", 0, "snapshots from one decision to the next, such as `4`; default five decisions a second")
	f.StringVar(&w.decoded, "decode", "on", "`off` reads only the heads of frames, to find the server's ceiling with fewer cores for the bots")
	f.IntVar(&w.bots, "bots", 100, "how many bots join, such as `100`, with -ramp-over; or see -ramp")
	f.DurationVar(&w.rampOver, "ramp-over", time.Second, "spread the joins over so long, such as `10s`")
	f.StringVar(&w.ramp, "ramp", "", "how many bots when, as in `0:0,30s:500,2m:500`: straight lines between the corners, up or down")
	f.DurationVar(&w.hold, "hold", 10*time.Second, "play for so long, such as `10s`, once the ramp is over; default 0 with -ramp")
	f.StringVar(&w.churn, "churn", "0", "bots that leave and join anew, as in `5%/min`")
	f.IntVar(&s.rooms, "rooms", 0, "spread the bots over so many rooms of their own, such as `20`; default the server decides")
	f.IntVar(&s.perRoom, "per-room", 0, "so many bots, such as `50`, to a room of their own; default the server decides")
	f.StringVar(&s.queue.name, "queue", "", "wait for matches in this queue of the game, such as `ranked`, in which nobody else is: play one, leave, queue again")
	f.StringVar(&w.party, "party", "1:1", "sizes of the parties and how many of 100 have them, as in `1:60,2:30,3:10`; with -queue")
	f.StringVar(&w.skill, "skill", "", "skills of the parties, as in `normal(1500,300)`; default not known; with -queue")
	f.StringVar(&w.updates, "updates", byEvents, "how bots learn what becomes of their tickets: `events` of the server, polls, or half of them each; with -queue")
	f.StringVar(&w.decline, "decline", "0%", "share of the ready checks that are declined, as in `2%`; with -queue")
	f.IntVar(&s.queue.matches, "matches", 0, "so many matches a party, such as `3`, then it stays out; default as many as there is time for; with -queue")
	f.DurationVar(&s.queue.playFor, "play-for", 5*time.Second, "leave a match after so long, such as `5s`; with -queue")
	f.Var(&w.storms, "storm", "cut a share of the bots at once, as in `50%@20s`; they take their seats back; may be repeated")
	f.StringVar(&w.stalled, "stalled", "0", "bots that stop reading once, a quarter into the run: a number, or a share as in `1%`")
	f.DurationVar(&s.stallFor, "stall-for", 3*time.Second, "how long a stalled bot does not read, such as `3s`; the server closes it after 10s")
	f.StringVar(&w.cut, "cut", "0", "bots that lose their conn once, half into the run, and take their seat back: a number, or a share as in `1%`")
	f.Uint64Var(&s.seed, "seed", 1, "a number such as `1`: of the random inputs, and of who is churned, stormed, impaired")
	f.StringVar(&w.net, "net", "", "the players' network, as in `rtt=80ms,jitter=20ms,bw=256kbit,stall=1%,blackout=10s@30s`")
	f.StringVar(&s.json, "json", "", "write the report to this file as JSON, as in `out.json`; - is standard output")
	f.StringVar(&s.html, "html", "", "write the report to this file as one HTML page with charts, as in `out.html`")
	f.StringVar(&s.profile, "cpuprofile", "", "write a CPU profile of the bots to this file, as in `bots.pprof`")
	f.Var(&w.asserts, "assert", "what must hold, as in `echo.p99<150ms` or reach>0.999, else exit with 99; may be repeated")
}

func describe(f *flag.FlagSet, o *Options, stderr io.Writer) {
	_, _ = fmt.Fprintln(stderr, "loadtest [flags]: bots that play on a roomtick server. Or one of:")
	for _, c := range o.commands() {
		_, _ = fmt.Fprintf(stderr, "  loadtest %s %s\n", c.Name, c.Summary)
	}
	_, _ = fmt.Fprintln(stderr, "Exit codes: 0 passed, 1 failed by the server, 2 usage, 3 invalid, 99 assertion.\nFlags:")
	f.PrintDefaults()
}

// options returns what all bots have in common.
func (s *settings) options() client.Options {
	return client.Options{
		URL: s.url, Game: s.game, Name: s.name, Play: s.player, Scenario: s.scenario, Script: s.play,
		Definition: s.definition, ThinkEvery: s.thinkEvery, Seed: s.seed, HeadsOnly: !s.decode,
	}
}
