package room

import "time"

const (
	gateSlack   = 2                      // sends in flight beyond the round trip
	firstRTT    = 500 * time.Millisecond // assumed until a conn has acknowledged something
	rttHalf     = 5 * time.Second        // the minimum round trip covers the last 5 to 10 s
	lagKeyframe = time.Second            // past it the next frame is a keyframe
	lagClose    = 10 * time.Second       // past it the conn is closed, the seat stays

	sentSlots = 64 // ring of sends not yet acknowledged: 500 ms of them at 128 Hz
)

// sent is one snapshot frame on its way: what the client will hold once it has
// applied it.
type sent struct {
	tick   uint32
	seq    uint32 // send tick
	at     time.Time
	groups *groupSet
	steps  bool // it had a prologue
}

// gate decides when a conn may be sent another snapshot, from acknowledged ticks
// alone: a write that returned proves nothing.
type gate struct {
	ring        []sent // made by reset, sentSlots long
	first, next uint32 // ring[first:next) are unacknowledged, counted up forever
	baseline    sent   // newest sent frame; valid if hasBaseline
	acked       sent   // newest acknowledged one; valid if hasAcked
	hasBaseline bool
	hasAcked    bool

	minRTT, minRTTOld time.Duration // of this half window and the one before; 0 is none
	rttSince          time.Time
}

// reset makes g ready for a new conn, which holds nothing.
func (g *gate) reset(now time.Time) {
	ring := g.ring
	if ring == nil {
		ring = make([]sent, sentSlots)
	}
	*g = gate{ring: ring, rttSince: now}
}

// inFlight is the number of sends not acknowledged.
func (g *gate) inFlight() int { return int(g.next - g.first) }

// open reports whether another frame may be sent; interval is the time between two
// sends to this conn.
func (g *gate) open(interval time.Duration) bool {
	rtt := g.rtt()
	limit := int((rtt+interval-1)/interval) + gateSlack
	return g.inFlight() < min(limit, sentSlots)
}

// rtt is the smallest round trip of the last 5 to 10 s.
func (g *gate) rtt() time.Duration {
	switch {
	case g.minRTT == 0 && g.minRTTOld == 0:
		return firstRTT
	case g.minRTT == 0:
		return g.minRTTOld
	case g.minRTTOld == 0:
		return g.minRTT
	}
	return min(g.minRTT, g.minRTTOld)
}

// lag is the age of the oldest unacknowledged frame, 0 if there is none.
func (g *gate) lag(now time.Time) time.Duration {
	if g.first == g.next {
		return 0
	}
	return now.Sub(g.ring[g.first%sentSlots].at)
}

// record notes a frame that was written. There must be room for it: open said so.
func (g *gate) record(s sent) {
	g.ring[g.next%sentSlots] = s
	g.next++
	g.baseline, g.hasBaseline = s, true
}

// ack takes an acknowledged tick, read at time at. It returns false for a tick newer
// than any sent. What a returning client acknowledges before its first frame is of
// its last conn, and ignored.
func (g *gate) ack(tick uint32, at time.Time) bool {
	for i := g.first; i != g.next; i++ {
		s := &g.ring[i%sentSlots]
		if s.tick != tick {
			continue
		}
		g.sample(max(at.Sub(s.at), 1), at)
		g.acked, g.hasAcked = *s, true
		g.first = i + 1
		return true
	}
	return !g.hasBaseline || int32(tick-g.baseline.tick) <= 0
}

func (g *gate) sample(rtt time.Duration, at time.Time) {
	if at.Sub(g.rttSince) > rttHalf {
		g.minRTTOld, g.minRTT, g.rttSince = g.minRTT, 0, at
	}
	if g.minRTT == 0 || rtt < g.minRTT {
		g.minRTT = rtt
	}
}

// holds reports whether a client may have applied the frame of tick: it was the newest
// acknowledged one, or is on its way.
func (g *gate) holds(tick uint32) bool {
	_, ok := g.find(tick)
	return ok
}

// resume starts a new conn whose client has applied the frame of tick.
func (g *gate) resume(tick uint32, now time.Time) {
	base, _ := g.find(tick)
	g.reset(now)
	g.baseline, g.hasBaseline = base, true
}

func (g *gate) find(tick uint32) (sent, bool) {
	if g.hasAcked && g.acked.tick == tick {
		return g.acked, true
	}
	for i := g.first; i != g.next; i++ {
		if s := g.ring[i%sentSlots]; s.tick == tick {
			return s, true
		}
	}
	return sent{}, false
}
