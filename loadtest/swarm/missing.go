package swarm

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/roomtick/roomtick/loadtest/report"
)

// edgeTicks is how many due ticks a conn may miss: the one in flight when the bot leaves,
// and the one that a first snapshot late by a fraction of a tick makes due too early.
const edgeTicks = 2

// shortfall is how many of the ticks due a bot never got.
type shortfall struct {
	name, room          string
	due, missing, conns int64
	tail                int64         // of those missing, due after the newest snapshot
	onTheWay            int64         // ticks that the network holds when a conn ends
	from, to            time.Duration // its life, since the start of the run
	every               time.Duration // from one send tick to the next
	excuse              int64         // ticks that its room gave up
}

// edges is how many ticks the bot may miss at the ends of its conns.
func (b *shortfall) edges() int64 { return (edgeTicks + b.onTheWay) * b.conns }

// missing books the due ticks that bots neither received nor jumped over: those at the
// edges of conns are allowed, and those that the bot's room gave up.
func missing(r *report.Report, t *sums) {
	if r.Server != nil {
		excuse(t.short, r.Server.Skipped)
	}
	var worst *shortfall
	for i := range t.short {
		b := &t.short[i]
		r.Totals.Missing += b.missing
		r.Totals.Edge += b.edges()
		if b.missing <= b.edges()+b.excuse {
			continue
		}
		r.Totals.Short++
		if worst == nil || b.missing > worst.missing {
			worst = b
		}
	}
	if worst != nil {
		because(&r.Verdict.Failures, "%d bots are short of ticks, the worst %s: %d of %d due ticks never came, allowed are %d",
			r.Totals.Short, worst.name, worst.missing, worst.due, worst.edges()+worst.excuse)
	}
}

// excuse finds out which ticks each bot's room gave up, from what its bots missed. All
// rooms together gave up no more than the server says: those with the fewest are believed
// first, so that one bot alone in its room cannot take what others need.
func excuse(short []shortfall, skipped int64) {
	rooms := make(map[string][]*shortfall)
	for i := range short {
		rooms[short[i].room] = append(rooms[short[i].room], &short[i])
	}
	type claim struct {
		bots []*shortfall
		most int64
	}
	var claims []claim
	for _, bots := range rooms {
		c := claim{bots: bots}
		for _, b := range bots {
			b.excuse = max(0, min(b.missing-b.edges(), b.gaveUp(bots)))
			c.most = max(c.most, b.excuse)
		}
		if c.most > 0 {
			claims = append(claims, c)
		}
	}
	slices.SortFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.most, b.most), cmp.Compare(a.bots[0].name, b.bots[0].name))
	})
	for _, c := range claims {
		for _, b := range c.bots {
			b.excuse = min(b.excuse, skipped)
		}
		skipped -= min(skipped, c.most)
	}
}

// gaveUp is how many ticks the bot's room gave up at most while the bot was in it: no
// more than another bot of the room missed, and were due while that one was not there.
// What a bot missed between two snapshots their numbers tell. The ticks after its newest
// one are believed only if another bot was there: the room may as well have lost the bot.
func (b *shortfall) gaveUp(room []*shortfall) int64 {
	most, seen := b.missing, false
	for _, other := range room {
		if other == b {
			continue
		}
		shared := max(0, min(b.to, other.to)-max(b.from, other.from))
		ticks := other.missing
		if b.every > 0 {
			ticks += int64((b.to - b.from - shared + b.every - 1) / b.every)
		}
		most = min(most, ticks)
		seen = seen || other.to >= b.to-time.Duration(b.tail)*b.every
	}
	if !seen {
		most = min(most, b.missing-b.tail)
	}
	return most
}

// onTheWay is how many ticks, sent so often, a bad network holds at any time. A run that
// ends in a blackout is short of what that holds.
func (s *settings) onTheWay(every time.Duration) int64 {
	if s.net == nil || every <= 0 {
		return 0
	}
	p := s.net.Profile()
	return int64((p.RTT + p.Jitter + every - 1) / every)
}

// gaveUp says which ticks each bot may miss besides those at the edges.
func gaveUp(r *report.Report) string {
	if r.Server == nil {
		return "and none that the server gave up: not known without -admin"
	}
	return fmt.Sprintf("and those that the bot's room gave up, of the server's %d", r.Server.Skipped)
}
