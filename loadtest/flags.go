package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
)

// settings are what the command line says.
type settings struct {
	url        string
	admin      string // empty: not known
	game       string
	name       string
	bots       int
	play       client.Play
	thinkEvery int
	rampOver   time.Duration
	hold       time.Duration
	stalled    int
	stallFor   time.Duration
	cut        int
	seed       uint64
	json       string
}

// errUsage wraps whatever is wrong with the command line.
var errUsage = errors.New("usage")

// parse reads the command line. Every problem is reported at once, on stderr.
func parse(args []string, games []*sim.Definition, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("loadtest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.url, "url", "http://127.0.0.1:8080", "the server")
	flags.StringVar(&s.admin, "admin", "", "the server's admin URL, whose /metrics say which ticks it gave up and which hashes it found wrong; empty: not known")
	flags.StringVar(&s.game, "game", "arena", "the game to join")
	flags.StringVar(&s.name, "name", "bot", "name of the players; a number is added")
	flags.IntVar(&s.bots, "bots", 100, "how many bots join")
	play := flags.String("play", "", "brain (the game's own), wander (random inputs) or idle (none); default brain if the game has one, else wander")
	flags.IntVar(&s.thinkEvery, "think-every", 1, "snapshots from one decision of a brain to the next")
	flags.DurationVar(&s.rampOver, "ramp-over", time.Second, "spread the joins over this long")
	flags.DurationVar(&s.hold, "hold", 10*time.Second, "play for this long once the ramp is over")
	flags.IntVar(&s.stalled, "stalled", 0, "how many of the bots stop reading once, a quarter into the hold")
	flags.DurationVar(&s.stallFor, "stall-for", 3*time.Second, "how long a stalled bot does not read; the server closes it after 10s")
	flags.IntVar(&s.cut, "cut", 0, "how many of the bots lose their conn once, half into the hold, and take their seat back")
	flags.Uint64Var(&s.seed, "seed", 1, "of the random inputs")
	flags.StringVar(&s.json, "json", "", "write the report to this file as JSON; - is standard output")
	if err := flags.Parse(args); err != nil {
		return s, fmt.Errorf("%w: %w", errUsage, err)
	}
	s.play = client.Play(*play)
	err := s.check(flags.Args(), games)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
	}
	return s, err
}

// check fills in what depends on the game and reports every problem.
func (s *settings) check(rest []string, games []*sim.Definition) error {
	var errs []error
	if len(rest) > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q", rest[0]))
	}
	if u, err := url.Parse(s.admin); s.admin != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		errs = append(errs, fmt.Errorf("-admin %q: use one like http://127.0.0.1:8081", s.admin))
	}
	if s.bots < 1 {
		errs = append(errs, fmt.Errorf("-bots %d: use 1 or more", s.bots))
	}
	if s.hold <= 0 || s.rampOver < 0 {
		errs = append(errs, errors.New("-hold must be above 0 and -ramp-over not below"))
	}
	if s.stalled < 0 || s.cut < 0 || s.stalled+s.cut > s.bots {
		errs = append(errs, fmt.Errorf("-stalled %d and -cut %d: together at most the %d bots", s.stalled, s.cut, s.bots))
	}
	if s.thinkEvery < 1 {
		errs = append(errs, fmt.Errorf("-think-every %d: use 1 or more", s.thinkEvery))
	}
	if s.stalled > 0 && s.hold/4+s.stallFor >= s.hold {
		errs = append(errs, fmt.Errorf("-stall-for %v: the stalled must wake before three quarters of -hold %v are over", s.stallFor, s.hold))
	}
	game := definition(games, s.game)
	if s.play == "" {
		s.play = client.PlayWander
		if game != nil && game.HasBrain() {
			s.play = client.PlayBrain
		}
	}
	if err := s.options(game).Check(); err != nil {
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", errUsage, errors.Join(errs...))
}

// options returns what all bots have in common.
func (s *settings) options(game *sim.Definition) client.Options {
	return client.Options{
		URL: s.url, Game: s.game, Name: s.name,
		Play: s.play, Definition: game, ThinkEvery: s.thinkEvery, Seed: s.seed,
	}
}

// definition finds a registered game, nil if this program does not know it.
func definition(games []*sim.Definition, name string) *sim.Definition {
	for _, g := range games {
		if g.Name() == name {
			return g
		}
	}
	return nil
}
