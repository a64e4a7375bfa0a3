package swarm

import (
	"fmt"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

const (
	// maxLag is how late the bots' own sends may be at p99. Beyond it the machine
	// that ran the bots was too busy, and what they measured is its own doing.
	maxLag = 5 * time.Millisecond

	// maxWaited is the share of the CPU time they wanted that the bots may have waited
	// for. Beyond it somebody else had the cores.
	maxWaited = 0.5

	// leastWaited is how many seconds a run takes from which on that share says something.
	leastWaited = 1

	// maxSkipped is the share of inputs that bots may leave out. Beyond it the server
	// did not have the load that the report claims.
	maxSkipped = 0.01

	// edgeTicks is how many due ticks a conn may miss: the one in flight when the bot
	// leaves, and the one that a first snapshot late by a fraction of a tick makes due
	// too early.
	edgeTicks = 2
)

// judge gives the verdict. deaf is why the server's metrics, which were asked for,
// could not be read.
func judge(r *report.Report, t *sums, deaf error, conditions []report.Condition) {
	v := &r.Verdict
	v.Failures = []string{}
	if deaf != nil {
		because(&v.Failures, "%v", deaf)
	}
	missing(r, t)
	if r.Totals.NotIn == 0 && r.Totals.Joined == 0 {
		because(&v.Failures, "nobody got to join: the run ended first")
	}
	mismatched := r.Server != nil && r.Server.Mismatches > 0
	if mismatched {
		because(&v.Failures, "the server found %d hashes wrong", r.Server.Mismatches)
	}
	v.Failures = append(v.Failures, t.failures.words()...)
	faults := int64(0)
	for _, n := range r.Totals.Faults {
		faults += n
	}
	v.OK = faults == 0 && r.Totals.NotIn == 0 && r.Totals.Joined > 0 && r.Totals.Short == 0 && !mismatched && deaf == nil
	v.Doubts = doubts(r)
	v.Valid = len(v.Doubts) == 0
	v.Checks = []report.Assertion{}
	for i := range conditions {
		a := conditions[i].Check(r)
		v.Checks = append(v.Checks, a)
		if !a.Holds {
			v.Failed++
		}
	}
}

// missing books the due ticks that bots neither received nor jumped over: those at the
// edges of conns are allowed, and those that the bot's room gave up.
func missing(r *report.Report, t *sums) {
	rooms := make(map[string][]*shortfall)
	for i := range t.short {
		b := &t.short[i]
		rooms[b.room] = append(rooms[b.room], b)
	}
	var worst *shortfall
	most := int64(0)
	for i := range t.short {
		b := &t.short[i]
		allowed := (edgeTicks + b.onTheWay) * b.conns
		r.Totals.Missing += b.missing
		r.Totals.Edge += allowed
		if b.missing <= allowed {
			continue
		}
		if r.Server != nil {
			allowed += b.gaveUp(rooms[b.room], r.Server.Skipped)
		}
		if b.missing > allowed {
			r.Totals.Short++
			if worst == nil || b.missing > worst.missing {
				worst, most = b, allowed
			}
		}
	}
	if r.Totals.Short > 0 {
		because(&r.Verdict.Failures, "%d bots are short of ticks, the worst %s: %d of %d due ticks never came, allowed are %d",
			r.Totals.Short, worst.name, worst.missing, worst.due, most)
	}
}

// gaveUp is how many ticks the bot's room gave up at most while the bot was in it: no
// more than another bot of the room missed, and were due while that one was not there,
// and no more than the whole server gave up. All that a bot alone in its room missed may
// be the room's doing.
func (b *shortfall) gaveUp(room []*shortfall, most int64) int64 {
	for _, other := range room {
		if other == b {
			continue
		}
		shared := max(0, min(b.to, other.to)-max(b.from, other.from))
		alone := b.to - b.from - shared
		ticks := other.missing
		if b.every > 0 {
			ticks += int64((alone + b.every - 1) / b.every)
		}
		most = min(most, ticks)
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

// doubts says why the run proves nothing, whatever it shows.
func doubts(r *report.Report) []string {
	all, t := []string{}, &r.Totals
	if t.LagMS.P99 > float64(maxLag.Milliseconds()) {
		because(&all, "the bots were %.1f ms behind their own schedule at p99: run fewer of them, or on another machine", t.LagMS.P99)
	}
	if t.Waited > maxWaited && r.Config.Seconds >= leastWaited {
		because(&all, "the bots waited for a core %.0f %% of the time they could have run: others keep this machine busy", 100*t.Waited)
	}
	if share := report.Ratio(float64(t.Skipped), float64(t.Inputs+t.Skipped)); share > maxSkipped {
		because(&all, "the bots left out %.1f %% of their inputs: run fewer of them, or on another machine", 100*share)
	}
	if plays := r.Config.Play == string(client.PlayBrain) || r.Config.Play == string(client.PlayWander); plays && t.Joined > 0 && t.Inputs == 0 {
		because(&all, "the bots sent no input at all")
	}
	return all
}

// gaveUp says which ticks each bot may miss besides those at the edges.
func gaveUp(r *report.Report) string {
	if r.Server == nil {
		return "and none that the server gave up: not known without -admin"
	}
	return fmt.Sprintf("and those that the bot's room gave up, of the server's %d", r.Server.Skipped)
}
