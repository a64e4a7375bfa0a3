package room

import "time"

// maxCatchUp is how many late ticks run back to back. More would let one stall turn
// into a burst that delays every other room of the machine.
const maxCatchUp = 3

// pacer says when ticks are due, by absolute deadlines. A room that falls further
// behind than maxCatchUp ticks gives up that wall time; tick numbers stay
// consecutive. Pure: now is an argument.
type pacer struct {
	period   time.Duration
	deadline time.Time // of the next tick
}

func newPacer(period time.Duration, first time.Time) pacer {
	return pacer{period: period, deadline: first}
}

// wait returns how long until the next tick is due, 0 if it is.
func (p *pacer) wait(now time.Time) time.Duration {
	return max(0, p.deadline.Sub(now))
}

// take consumes the next deadline, which must have passed. It returns the deadline
// of the tick to run now and how many tick periods were given up before it.
func (p *pacer) take(now time.Time) (deadline time.Time, skipped int) {
	if behind := int(now.Sub(p.deadline) / p.period); behind >= maxCatchUp {
		skipped = behind - maxCatchUp + 1
		p.deadline = p.deadline.Add(time.Duration(skipped) * p.period)
	}
	deadline = p.deadline
	p.deadline = p.deadline.Add(p.period)
	return deadline, skipped
}
