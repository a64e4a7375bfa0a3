package swarm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
)

// queueing is how bots go through a queue.
type queueing struct {
	name    string // empty: they join rooms directly
	parties []partyShare
	skill   normal
	updates string        // how bots learn of their tickets
	decline float64       // share of the ready checks
	matches int           // after which a party stays out; 0: as long as the run lasts
	playFor time.Duration // of a match
	rules   *sim.Queue    // nil if unknown here; then nobody knows how large a team is
}

// partyShare is that so many of all parties, by weight, have that size.
type partyShare struct {
	size   int
	weight float64
}

// normal is a normal distribution of skills; empty if none is known.
type normal struct {
	known           bool
	mean, deviation float64
}

// draw is a skill, nil if none is known.
func (n normal) draw(rng *rand.Rand) *client.Skill {
	if !n.known {
		return nil
	}
	return &client.Skill{Mu: n.mean + n.deviation*rng.NormFloat64()}
}

// parseParties reads "1:60,2:30,5:10": sizes and their weights.
func parseParties(text string) ([]partyShare, error) {
	var all []partyShare
	for corner := range strings.SplitSeq(text, ",") {
		size, weight, ok := strings.Cut(corner, ":")
		n, err := strconv.Atoi(size)
		w, err2 := strconv.ParseFloat(weight, 64)
		if !ok || err != nil || err2 != nil || n < 1 || !(w > 0 && w <= 1e6) {
			return nil, fmt.Errorf("%q: write it like 1:60,2:30,5:10", text)
		}
		all = append(all, partyShare{n, w})
	}
	return all, nil
}

// parseNormal reads "normal(1500,300)"; empty is none.
func parseNormal(text string) (normal, error) {
	if text == "" {
		return normal{}, nil
	}
	inner, ok := strings.CutPrefix(text, "normal(")
	inner, ok2 := strings.CutSuffix(inner, ")")
	mean, deviation, ok3 := strings.Cut(inner, ",")
	m, err := strconv.ParseFloat(strings.TrimSpace(mean), 64)
	d, err2 := strconv.ParseFloat(strings.TrimSpace(deviation), 64)
	if !ok || !ok2 || !ok3 || err != nil || err2 != nil || !(m > -1e5 && m < 1e5) || !(d >= 0 && d < 1e5) {
		return normal{}, fmt.Errorf("%q: write it like normal(1500,300)", text)
	}
	return normal{true, m, d}, nil
}

// parsePercent reads "2%" as 0.02.
func parsePercent(text string) (float64, error) {
	percent, ok := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(percent, 64)
	if !ok || err != nil || !(v >= 0 && v <= 100) {
		return 0, fmt.Errorf("%q: write it like 2%%", text)
	}
	return v / 100, nil
}

// checkQueue reads how bots queue. given are the flags of the command line.
func (s *settings) checkQueue(p *problems, w *words, given map[string]bool) {
	q := &s.queue
	if q.name == "" {
		for _, flag := range []string{"party", "skill", "updates", "decline", "matches", "play-for"} {
			if given[flag] {
				p.addf("-%s: it is of bots in a queue: add -queue, as in -queue ranked", flag)
			}
		}
		return
	}
	for _, flag := range []string{"rooms", "per-room", "churn", "stalled", "cut"} {
		if given[flag] {
			p.addf("-%s: a queue decides where bots play, and they leave after each match: leave it out", flag)
		}
	}
	var err error
	q.parties, err = parseParties(w.party)
	p.add("-party", err)
	q.skill, err = parseNormal(w.skill)
	p.add("-skill", err)
	q.updates, err = parseUpdates(w.updates)
	p.add("-updates", err)
	q.decline, err = parsePercent(w.decline)
	p.add("-decline", err)
	if q.matches < 0 {
		p.addf("-matches %d: use 0 or more, as in -matches 3", q.matches)
	}
	if q.playFor <= 0 {
		p.addf("-play-for %v: use a time above 0, as in -play-for 5s", q.playFor)
	}
}

// findQueue looks the queue up in the game, if it is known here; else the server's answer
// to the first ticket tells.
func (s *settings) findQueue() error {
	if s.queue.name == "" || s.definition == nil {
		return nil
	}
	list := s.definition.Config().Queues
	names := ""
	for i := range list {
		if list[i].Name == s.queue.name {
			rules := list[i].WithDefaults()
			s.queue.rules = &rules
		}
		names += " " + list[i].Name
	}
	if s.queue.rules == nil {
		return fmt.Errorf("the game %q has no queue %q; its queues are:%s", s.game, s.queue.name, names)
	}
	var errs []error
	for _, party := range s.queue.parties {
		if party.size > s.queue.rules.MaxParty {
			errs = append(errs, fmt.Errorf("the queue takes parties of %d, not of %d", s.queue.rules.MaxParty, party.size))
		}
	}
	return errors.Join(errs...)
}
