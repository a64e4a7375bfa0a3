package swarm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/impair"
	"github.com/roomtick/roomtick/loadtest/report"
)

// problems collects what is wrong with the command line.
type problems struct{ errs []error }

// add reports a flag's mistake, or each of several on a line of its own.
func (p *problems) add(flag string, err error) {
	var several interface{ Unwrap() []error }
	switch {
	case err == nil:
	case errors.As(err, &several):
		for _, one := range several.Unwrap() {
			p.add(flag, one)
		}
	default:
		p.errs = append(p.errs, fmt.Errorf("%s: %w", flag, err))
	}
}

func (p *problems) addf(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

// check reads the words, fills in what depends on the game and reports every problem.
func (s *settings) check(ctx context.Context, w *words, given map[string]bool, rest []string, o *Options) error {
	var p problems
	if len(rest) > 0 {
		p.addf("unexpected argument %q; subcommands come first, see -h", rest[0])
	}
	s.checkAddresses(&p)
	s.checkRamp(&p, w, given)
	s.checkTrouble(&p, w)
	s.checkQueue(&p, w, given)
	s.checkPlay(&p, w, o)
	s.checkFiles(&p)
	for _, text := range w.asserts {
		c, err := report.ParseCondition(text)
		p.add("-assert", err)
		s.conditions = append(s.conditions, c)
	}
	if len(p.errs) == 0 { // what asks the server: only if all else is right
		p.add("-game", s.findGame(ctx, o))
		p.add("-admin", s.findMetrics(ctx))
	}
	if len(p.errs) == 0 {
		p.add("-queue", s.findQueue())
		s.choosePlay(o)
		if s.player == client.PlayBrain && (s.definition == nil || !s.definition.HasBrain()) {
			p.addf("-play brain: no brain of the game %q is registered here: use -play wander", s.game)
		}
	}
	return errors.Join(p.errs...)
}

func (s *settings) checkAddresses(p *problems) {
	if !isAddress(s.url) {
		p.addf("-url %q: write it like -url http://127.0.0.1:8080", s.url)
	}
	admins := addresses(s.admin)
	if s.admin != "" && len(admins) == 0 {
		admins = []string{s.admin}
	}
	for _, a := range admins {
		if !isAddress(a) {
			p.addf("-admin %q: write it like -admin http://127.0.0.1:8081", a)
		}
	}
}

func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// checkPlay knows every way to play; whether the game has a brain is asked later.
func (s *settings) checkPlay(p *problems, w *words, o *Options) {
	ways := append(builtin(), slices.Sorted(maps.Keys(o.Scenarios))...)
	if s.play != "" && !slices.Contains(ways, s.play) {
		p.addf("-play %q: use one of %s, as in -play %s", s.play, strings.Join(ways, ", "), ways[len(ways)-1])
	}
	if s.thinkEvery < 0 {
		p.addf("-think-every %d: use 1 or more, as in -think-every 4", s.thinkEvery)
	}
	if w.decoded != "on" && w.decoded != "off" {
		p.addf("-decode %q: use on or off, as in -decode off", w.decoded)
	}
	s.decode = w.decoded != "off"
	if s.play == string(client.PlayBrain) && !s.decode {
		p.addf("-play brain: a brain needs what -decode off leaves out: use -play wander")
	}
}

// checkFiles finds out before the run what could not be written after it.
func (s *settings) checkFiles(p *problems) {
	for _, f := range []struct{ flag, path, example string }{
		{"-json", s.json, "out.json"}, {"-html", s.html, "out.html"}, {"-cpuprofile", s.profile, "bots.pprof"},
	} {
		if f.path == "" || f.flag == "-json" && f.path == "-" {
			continue
		}
		if f.path == "-" {
			p.addf("%s -: only -json writes to standard output: write it like %s %s", f.flag, f.flag, f.example)
		}
		if dir, err := os.Stat(filepath.Dir(f.path)); err != nil || !dir.IsDir() {
			p.addf("%s %q: there is no folder for it: write it like %s %s", f.flag, f.path, f.flag, f.example)
		}
	}
	if s.json != "" && s.json == s.html {
		p.addf("-json and -html %q: write them to two files, as in -json out.json -html out.html", s.json)
	}
}

func (s *settings) checkRamp(p *problems, w *words, given map[string]bool) {
	switch {
	case given["ramp"] && (given["bots"] || given["ramp-over"]):
		p.addf("-ramp says how many bots when: leave -bots and -ramp-over out, as in -ramp 0:0,30s:500,2m:500")
	case w.bots < 1:
		p.addf("-bots %d: use 1 or more, as in -bots 100", w.bots)
	case w.hold < 0 || w.hold == 0 && !given["ramp"]:
		p.addf("-hold %v: use a time above 0, as in -hold 10s", w.hold)
	case w.rampOver < 0:
		p.addf("-ramp-over %v: use 0 or more, as in -ramp-over 10s", w.rampOver)
	case given["ramp"]:
		r, err := parseRamp(w.ramp)
		p.add("-ramp", err)
		if !given["hold"] {
			w.hold = 0
		}
		if err == nil {
			s.ramp = r.then(w.hold)
		}
		if err == nil && s.ramp.length() <= 0 {
			p.addf("-ramp %q: it is over at once; add a corner, as in 0:0,30s:500, or -hold 10s", w.ramp)
		}
	default:
		s.ramp = ramp{{0, 0}, {w.rampOver, w.bots}}.then(w.hold)
	}
}

// checkNet reads the players' network.
func (s *settings) checkNet(p *problems, text string) {
	if text == "" {
		return
	}
	profile, err := impair.Parse(text)
	p.add("-net", err)
	end := s.ramp.length()
	if err == nil && end > 0 && profile.Blackout > 0 && profile.BlackoutAt >= end {
		p.addf("-net blackout=%v@%v: the run is over after %v; use an earlier time, as in blackout=%v@%v",
			profile.Blackout, profile.BlackoutAt, end, profile.Blackout, end/2)
	}
	s.net = impair.NewNetwork(profile)
}

// checkTrouble reads what is to go wrong on purpose.
func (s *settings) checkTrouble(p *problems, w *words) {
	var err error
	s.churn, err = parseChurn(w.churn)
	p.add("-churn", err)
	for _, text := range w.storms {
		storm, err := parseStorm(text)
		p.add("-storm", err)
		if end := s.ramp.length().Seconds(); err == nil && end > 0 && storm.Second >= end {
			p.addf("-storm %s: the run is over after %gs; use an earlier time, as in 50%%@%gs", text, end, end/2)
		}
		s.storms = append(s.storms, storm)
	}
	top := s.ramp.top()
	s.stalled, err = parseShare(w.stalled, top)
	p.add("-stalled", err)
	s.cut, err = parseShare(w.cut, top)
	p.add("-cut", err)
	if s.stalled+s.cut > top && top > 0 {
		p.addf("-stalled %d and -cut %d: use at most the %d bots together, as in -stalled 1%% -cut 1%%", s.stalled, s.cut, top)
	}
	if s.stallFor <= 0 {
		p.addf("-stall-for %v: use a time above 0, as in -stall-for 3s", s.stallFor)
	}
	if quiet := s.ramp.length() - s.ramp.full(); s.stalled > 0 && top > 0 && quiet/4+s.stallFor >= quiet {
		p.addf("-stall-for %v: the stalled must wake before the %v at full load are over, a quarter of which comes first: use less, as in -stall-for %v",
			s.stallFor, quiet, max(quiet/4, time.Millisecond).Round(time.Millisecond))
	}
	s.checkNet(p, w.net)
	if s.rooms < 0 || s.perRoom < 0 || s.rooms > 0 && s.perRoom > 0 {
		p.addf("-rooms %d, -per-room %d: use one of the two, 1 or more, as in -per-room 50", s.rooms, s.perRoom)
	}
}

// choosePlay turns -play into a way to play.
func (s *settings) choosePlay(o *Options) {
	s.player = client.Play(s.play)
	if s.play == "" {
		s.player = client.PlayWander
		if s.definition != nil && s.definition.HasBrain() && s.decode {
			s.player = client.PlayBrain
		}
		s.play = string(s.player)
	}
	if script := o.Scenarios[s.play]; script != nil {
		s.player, s.scenario = client.PlayScript, script
	}
}
