package room

import "time"

const (
	gateSlack   = 2                // sends in flight beyond the round trip
	lagKeyframe = time.Second      // past it the next frame is a keyframe
	lagClose    = 10 * time.Second // past it the conn is closed, the seat stays

	sentSlots = 64 // sends not yet acknowledged, at most: 500 ms of them at 128 Hz
	fewSlots  = 8  // of them there is memory for at first: enough at 20 Hz
)

// sent is one snapshot frame on its way: what the client will hold once it has
// applied it.
type sent struct {
	tick   uint32
	seq    uint32 // send tick
	at     time.Time
	groups *groupSet
	reset  bool // it starts from nothing
	steps  bool // it had a prologue
	alone  bool // nothing was in flight when it was sent
}

// gate decides when a conn may be sent another snapshot, from acknowledged ticks
// alone: a write that returned proves nothing.
type gate struct {
	ring        []sent // made by reset; a power of two long, up to sentSlots
	first, next uint32 // ring[first:next) are unacknowledged, counted up forever
	baseline    sent   // newest sent frame; valid if hasBaseline
	acked       sent   // newest acknowledged one; valid if hasAcked
	hasBaseline bool
	hasAcked    bool

	rtt roundTrip
}

// reset makes g ready for a new conn, which holds nothing.
func (g *gate) reset(now time.Time) {
	ring := g.ring
	if ring == nil {
		ring = make([]sent, fewSlots)
	}
	*g = gate{ring: ring, rtt: roundTrip{since: now}}
}

// inFlight is the number of sends not acknowledged.
func (g *gate) inFlight() int { return int(g.next - g.first) }

// open reports whether another frame may be sent; interval is the time between two
// sends to this conn.
func (g *gate) open(interval time.Duration) bool {
	return g.inFlight() < min(g.rtt.limit(interval), sentSlots)
}

// restarting reports whether a frame that starts from nothing is on its way: before it
// has arrived another one would only be in its way.
func (g *gate) restarting() bool {
	for i := g.first; i != g.next; i++ {
		if g.at(i).reset {
			return true
		}
	}
	return false
}

// lag is the age of the oldest unacknowledged frame, 0 if there is none.
func (g *gate) lag(now time.Time) time.Duration {
	if g.first == g.next {
		return 0
	}
	return now.Sub(g.at(g.first).at)
}

func (g *gate) at(i uint32) *sent { return &g.ring[i%uint32(len(g.ring))] }

func (g *gate) grow() {
	ring := make([]sent, 2*len(g.ring))
	for i := g.first; i != g.next; i++ {
		ring[i%uint32(len(ring))] = *g.at(i)
	}
	g.ring = ring
}

// record notes a frame that was written. There must be room for it: open said so.
func (g *gate) record(s sent) {
	if g.inFlight() == len(g.ring) {
		g.grow()
	}
	s.alone = g.inFlight() == 0
	*g.at(g.next) = s
	g.next++
	g.baseline, g.hasBaseline = s, true
}

// ack takes an acknowledged tick, read at time at. It returns false for a tick newer
// than any sent. What a returning client acknowledges before its first frame is of
// its last conn, and ignored.
func (g *gate) ack(tick uint32, at time.Time) bool {
	for i := g.first; i != g.next; i++ {
		s := g.at(i)
		if s.tick != tick {
			continue
		}
		g.rtt.add(max(at.Sub(s.at), 1), at, s.alone, g.inFlight())
		g.acked, g.hasAcked = *s, true
		g.first = i + 1
		return true
	}
	return !g.hasBaseline || int32(tick-g.baseline.tick) <= 0
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
		if s := *g.at(i); s.tick == tick {
			return s, true
		}
	}
	return sent{}, false
}
