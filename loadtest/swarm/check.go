package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/impair"
	"github.com/roomtick/roomtick/loadtest/report"
)

// problems collects what is wrong with the command line.
type problems struct{ errs []error }

func (p *problems) add(flag string, err error) {
	if err != nil {
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
	if u, err := url.Parse(s.admin); s.admin != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		p.addf("-admin %q: use one like http://127.0.0.1:8081", s.admin)
	}
	s.checkRamp(&p, w, given)
	s.checkTrouble(&p, w)
	if s.thinkEvery < 0 {
		p.addf("-think-every %d: use 1 or more", s.thinkEvery)
	}
	if w.decoded != "on" && w.decoded != "off" {
		p.addf("-decode %q: use on or off", w.decoded)
	}
	s.decode = w.decoded != "off"
	for _, text := range w.asserts {
		c, err := report.ParseCondition(text)
		p.add("-assert", err)
		s.conditions = append(s.conditions, c)
	}
	if len(p.errs) == 0 {
		p.add("-game", s.findGame(ctx, o)) // asks the server: only if all else is right
	}
	s.choosePlay(o)
	if err := s.options().Check(); err != nil && (len(p.errs) == 0 || s.game != "") {
		p.errs = append(p.errs, err)
	}
	if len(p.errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", errUsage, errors.Join(p.errs...))
}

func (s *settings) checkRamp(p *problems, w *words, given map[string]bool) {
	switch {
	case given["ramp"] && (given["bots"] || given["ramp-over"]):
		p.addf("-ramp says how many bots when: leave -bots and -ramp-over out")
	case w.bots < 1:
		p.addf("-bots %d: use 1 or more", w.bots)
	case w.rampOver < 0 || w.hold < 0 || w.hold == 0 && !given["ramp"]:
		p.addf("-hold must be above 0 and -ramp-over not below")
	case w.ramp != "":
		r, err := parseRamp(w.ramp)
		p.add("-ramp", err)
		if !given["hold"] {
			w.hold = 0
		}
		if err == nil {
			s.ramp = r.then(w.hold)
		}
		if err == nil && s.ramp.length() <= 0 {
			p.addf("-ramp %q: it is over at once; add a corner, or -hold", w.ramp)
		}
	default:
		s.ramp = ramp{{0, 0}, {w.rampOver, w.bots}}.then(w.hold)
	}
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
			p.addf("-storm %s: the run is over after %gs", text, end)
		}
		s.storms = append(s.storms, storm)
	}
	top := s.ramp.top()
	s.stalled, err = parseShare(w.stalled, top)
	p.add("-stalled", err)
	s.cut, err = parseShare(w.cut, top)
	p.add("-cut", err)
	if s.stalled+s.cut > top && top > 0 {
		p.addf("-stalled %d and -cut %d: together at most the %d bots", s.stalled, s.cut, top)
	}
	if quiet := s.ramp.length() - s.ramp.full(); s.stalled > 0 && top > 0 && quiet/4+s.stallFor >= quiet {
		p.addf("-stall-for %v: the stalled must wake before three quarters of the %v at full load are over", s.stallFor, quiet)
	}
	if w.net != "" {
		profile, err := impair.Parse(w.net)
		p.add("-net", err)
		s.net = impair.NewNetwork(profile)
	}
	if s.rooms < 0 || s.perRoom < 0 || s.rooms > 0 && s.perRoom > 0 {
		p.addf("-rooms %d, -per-room %d: use one of the two, 1 or more", s.rooms, s.perRoom)
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

// gameTimeout bounds the question which games there are.
const gameTimeout = 5 * time.Second

// findGame asks the server for its only game if none is named.
func (s *settings) findGame(ctx context.Context, o *Options) error {
	if s.game == "" {
		names, err := games(ctx, s.url)
		switch {
		case err != nil && len(o.Games) == 1: // joining will tell whether the server is there
			names = []string{o.Games[0].Name()}
		case err != nil:
			return fmt.Errorf("name the game: the server was asked and %w", err)
		case len(names) != 1:
			return fmt.Errorf("name one of the server's games: %s", strings.Join(names, ", "))
		}
		s.game = names[0]
	}
	for _, g := range o.Games {
		if g.Name() == s.game {
			s.definition = g
		}
	}
	return nil
}

// games asks a server which games it offers.
func games(ctx context.Context, base string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, gameTimeout)
	defer cancel()
	text, err := fetch(ctx, http.DefaultClient, strings.TrimRight(base, "/")+"/v1/games")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Games []struct {
			Name string `json:"name"`
		} `json:"games"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("answered something else: %w", err)
	}
	names := make(map[string]bool)
	for _, g := range answer.Games {
		names[g.Name] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// maxPage bounds what is read of a page; a server's metrics are some tens of kilobytes.
const maxPage = 4 << 20

// fetch gets a page.
func fetch(ctx context.Context, c *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPage))
}
