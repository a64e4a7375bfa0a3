//go:build linux

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// enough is how many of 20 snapshots a second nearly all clients must have had.
const enough = 19

// mostSuite raises the number of clients until 1 % of them get less than 19 snapshots a
// second. The clients need their own share of the same cores.
func mostSuite(ctx context.Context, b *bench) error {
	for _, c := range []struct {
		game    string
		perRoom int
		rooms   bool // are counted, not clients
		what    string
		held    string
	}{
		{"wander", 50, false, "clients at 19 Hz or more, 50 a room", "> 7,600 on the design's machine"},
		{"wander-pair", 2, true, "rooms of 2 that hold 19 Hz or more", ""},
	} {
		found, err := b.most(ctx, c.game, c.perRoom)
		if err != nil {
			return err
		}
		count, unit := found.best, "clients"
		if c.rooms {
			count, unit = count/c.perRoom, "rooms"
		}
		b.report.add(figure{What: c.what, Unit: unit, Value: stats.Of([]float64{float64(count)}), Held: c.held, Invalid: found.invalid})
		if found.beyond > 0 {
			b.report.add(figure{
				What: fmt.Sprintf("with %d clients of %s: the slowest 1 %%", found.beyond, c.game), Unit: "Hz",
				Value: stats.Of([]float64{found.hz}), Held: "a slope, not a cliff", Invalid: found.invalid,
			})
		}
	}
	return nil
}

// capacity is what a climb has found.
type capacity struct {
	best, beyond int     // the largest load that was held, the smallest beyond it
	hz           float64 // that the slowest clients of that got
	invalid      string  // why it may be more
}

// most grows the load until it is too much. A load that was held on a busy machine is held;
// one that was not is tried again.
func (b *bench) most(ctx context.Context, game string, perRoom int) (found capacity, err error) {
	c := climb{at: min(firstTry, b.opts.limit), limit: b.opts.limit, step: perRoom}
	for more := true; more; {
		l := load{
			name: fmt.Sprintf("%d clients of %s", c.at, game), game: game, clients: c.at, perRoom: perRoom, rate: 20,
			drive: []string{"-joiners", strconv.Itoa(manyJoiners)},
		}
		s, err := b.calmest(ctx, l, func(s *sample) bool { return s.clients.SlowestHz >= enough })
		if err != nil && (c.best == 0 || ctx.Err() != nil) {
			return found, err
		}
		if err != nil { // it held less than that
			b.say("%s: %v", l.name, err)
		}
		held := err == nil && s.clients.SlowestHz >= enough
		b.say("%s: the slowest 1 %% get %.1f Hz", l.name, s.clients.SlowestHz)
		if !held {
			found.hz, found.invalid = s.clients.SlowestHz, s.invalid()
		}
		more = c.next(held)
	}
	found.best, found.beyond = c.best, c.beyond
	return found, nil
}

// firstTry is the load that the climb begins with.
const firstTry = 600

// climb looks for the largest load that is held: up by half while it is, down by half if
// the first was not, and once into the middle between.
type climb struct {
	at           int // to be tried next
	best, beyond int // the largest that was held, the smallest that was not; 0: none
	limit, step  int // never above; a multiple of
	halved       bool
}

// next takes what became of at, and sets the next one unless it is done.
func (c *climb) next(held bool) bool {
	if held {
		c.best = c.at
	} else {
		c.beyond = c.at
	}
	switch {
	case c.beyond == 0 && c.at < c.limit:
		c.at = min(c.whole(c.at*3/2), c.limit)
	case c.best == 0 && c.at/2 >= c.step:
		c.at = c.whole(c.at / 2)
	case c.best > 0 && c.beyond-c.best > 2*c.step && !c.halved:
		c.at, c.halved = c.whole((c.best+c.beyond)/2), true
	default:
		return false
	}
	return true
}

// whole rounds down to full rooms.
func (c *climb) whole(clients int) int { return clients / c.step * c.step }
