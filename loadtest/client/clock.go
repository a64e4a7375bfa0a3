package client

import (
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Clock requests: a few quickly, then one now and then so that a room that gave up
// wall time is followed.
const (
	quickClocks   = 3
	quickInterval = 200 * time.Millisecond
	clockInterval = time.Second
)

// clock estimates the room's time. Local times are durations on the bot's own
// monotonic clock; room time is in milliseconds, as in ClockReply. Pure.
type clock struct {
	offset  float64 // room time minus local time, ms
	rtt     float64 // of the reply that gave offset, ms; grows with its age
	started bool    // offset is at least a guess
	known   bool    // a reply was taken
	replies int
	next    time.Duration // when the next request is due
	asked   time.Duration // when the last one was
}

// agedRTT is added to the round trip of the best reply at each new one, so that an
// old lucky reply gives way in the end: clocks drift.
const agedRTT = 0.1

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// due reports whether a request should go out, and plans the one after it.
func (c *clock) due(now time.Duration) bool {
	if now < c.next {
		return false
	}
	c.next, c.asked = now+clockInterval, now
	if c.replies < quickClocks {
		c.next = now + quickInterval
	}
	return true
}

// lateTicks is how old a snapshot may be before the clock is doubted: either the way is
// slow, or the room gave up wall time and its clock stands elsewhere.
const lateTicks = 4

// doubt asks again soon.
func (c *clock) doubt(now time.Duration) {
	if now-c.asked >= quickInterval {
		c.next = now
	}
}

// snapshot starts the clock from the tick of a snapshot that has just arrived, until a
// reply is there. Room time is at least that tick's.
func (c *clock) snapshot(now time.Duration, roomTime float64) {
	if at := roomTime - millis(now); !c.known && (!c.started || at > c.offset) {
		c.offset, c.started = at, true
	}
}

// reply takes an answer that arrived at now to a request sent at sent. The sample
// with the shortest round trip wins, unless a newer one contradicts it: then the
// room's clock has moved.
func (c *clock) reply(sent, now time.Duration, r *schema.ClockReply) {
	rtt := millis(now-sent) - (r.Replied - r.Received)
	if rtt < 0 {
		rtt = 0
	}
	offset := (r.Received + r.Replied - millis(sent) - millis(now)) / 2
	c.replies++
	c.rtt += agedRTT
	apart := max(offset-c.offset, c.offset-offset)
	if !c.known || rtt <= c.rtt || apart > (rtt+c.rtt)/2+1 {
		c.offset, c.rtt, c.started, c.known = offset, rtt, true, true
	}
}

// local returns the local time at which the room's clock shows roomTime.
func (c *clock) local(roomTime float64) time.Duration {
	return time.Duration((roomTime - c.offset) * float64(time.Millisecond))
}

// room returns the room's time at a local time, in ms.
func (c *clock) room(now time.Duration) float64 { return millis(now) + c.offset }
