// Package impair makes a conn as bad as a player's: a net.Conn wrapper, a dialler and a
// proxy that add delay, jitter, a narrow line, stalls and blackouts. TCP loses nothing,
// it comes late: every byte arrives, in order, and what a lost packet costs is the wait
// for its repetition, behind which all that follows waits, too.
package impair

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Profile is how bad a network is. The zero value is a network without fault.
type Profile struct {
	// RTT is the shortest round trip; half of it passes each way.
	RTT time.Duration

	// Jitter is the most that is added to a round trip, evenly distributed, half of
	// it each way. It never changes the order.
	Jitter time.Duration

	// Bandwidth in bits a second, each way; 0: no limit.
	Bandwidth int64

	// Stall is the share of segments (0 to 1) that are lost at first, each of which
	// holds its direction up for a retransmission timeout.
	Stall float64

	// Blackout is how long nothing passes, BlackoutAt after the profile came into
	// force. What was on its way or is sent meanwhile is held and arrives afterwards.
	Blackout, BlackoutAt time.Duration
}

// minRTO is what Linux adds to the round trip for its retransmission timeout, at least.
const minRTO = 200 * time.Millisecond

// maxBackoff bounds how often a repetition is lost in turn: the timeout doubles each
// time, and a wait of more than 2^6 times tells nothing new.
const maxBackoff = 6

// None reports whether the profile changes nothing.
func (p Profile) None() bool { return p == Profile{} }

// String writes the profile as Parse reads it; empty if it changes nothing.
func (p Profile) String() string {
	var all []string
	add := func(there bool, key, value string) {
		if there {
			all = append(all, key+"="+value)
		}
	}
	add(p.RTT > 0, "rtt", p.RTT.String())
	add(p.Jitter > 0, "jitter", p.Jitter.String())
	add(p.Bandwidth > 0, "bw", bits(p.Bandwidth))
	add(p.Stall > 0, "stall", strconv.FormatFloat(100*p.Stall, 'g', 6, 64)+"%")
	add(p.Blackout > 0, "blackout", p.Blackout.String()+"@"+p.BlackoutAt.String())
	return strings.Join(all, ",")
}

// bits writes a bandwidth in the largest unit that divides it.
func bits(n int64) string {
	for i := len(units) - 1; i > 0; i-- {
		if u := units[i]; n%u.bits == 0 {
			return strconv.FormatInt(n/u.bits, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + units[0].name
}

// oneWay draws how long a segment is under way.
func (p *Profile) oneWay(rng *rand.Rand) time.Duration {
	d := p.RTT / 2
	if half := int64(p.Jitter / 2); half > 0 {
		d += time.Duration(rng.Int64N(half + 1))
	}
	return d
}

// retransmission draws how much longer it takes because the segment was lost: nothing
// in most cases, else one timeout, and twice as long for each repetition that is lost.
func (p *Profile) retransmission(rng *rand.Rand) time.Duration {
	if p.Stall <= 0 {
		return 0
	}
	var d time.Duration
	for i := range maxBackoff {
		if rng.Float64() >= p.Stall {
			break
		}
		d += (p.RTT + minRTO) << i
	}
	return d
}
