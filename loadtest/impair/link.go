package impair

import (
	"math/rand/v2"
	"time"
)

// segmentBytes is what one TCP segment carries over an ordinary line.
const segmentBytes = 1460

// regime is a profile and when it came into force.
type regime struct {
	profile Profile
	since   time.Time
}

// link says when what is sent in one direction arrives. The n-th segment of a
// direction has the same fate whenever the seed is the same.
type link struct {
	regime func() *regime // may change between two segments
	rng    *rand.Rand

	free time.Time // when the line is done with what it was given
	last time.Time // when the newest segment arrives; none passes it
}

func newLink(regime func() *regime, seed, stream uint64) link {
	return link{regime: regime, rng: rand.New(rand.NewPCG(seed, stream))}
}

// arrival returns when a segment of n bytes arrives that is handed over now.
func (l *link) arrival(now time.Time, n int) time.Time {
	r := l.regime()
	p := &r.profile
	sent := latest(now, l.free)
	dark, light := r.since.Add(p.BlackoutAt), r.since.Add(p.BlackoutAt+p.Blackout)
	if p.Blackout > 0 && !sent.Before(dark) && sent.Before(light) {
		sent = light
	}
	if p.Bandwidth > 0 {
		sent = sent.Add(time.Duration(float64(n) * 8 * float64(time.Second) / float64(p.Bandwidth)))
	}
	l.free = sent
	way := p.oneWay(l.rng) + p.retransmission(l.rng)
	at := sent.Add(way)
	if p.Blackout > 0 && sent.Before(light) && !at.Before(dark) {
		at = light.Add(way) // it was lost under way
	}
	l.last = latest(at, l.last)
	return l.last
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
