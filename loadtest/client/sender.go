package client

import "time"

// Inputs are sent for a tick well before the room simulates it: two ticks less the
// bot's phase, and the way there. An input that misses its tick is worth little, and
// the room takes them up to 16 ticks early.
const (
	inputLead = 2 // ticks

	// tooLate is how many ticks an input may be behind its schedule before it is
	// skipped: sending a burst of stale inputs would help nobody.
	tooLate = 1

	// tooEarly is how far away the next input may be before the schedule starts over:
	// the room gave up wall time, and a player would not fall silent until it has
	// caught up. Closer, no tick is repeated.
	tooEarly = 400 * time.Millisecond

	// longestSleep bounds a sleep, so that a change of the room's clock is noticed.
	longestSleep = 200 * time.Millisecond
)

// schedule says when the input of which tick is sent. It is an open model: the times
// follow from the room's clock alone, never from what the server sent or how long a
// write took. Pure.
type schedule struct {
	tickMS float64 // length of a tick
	phase  float64 // 0 to 1: how far into a tick this bot sends
	next   uint32  // the tick whose input goes out next
	set    bool
}

// every is the time from one input to the next.
func (s *schedule) every() time.Duration {
	return time.Duration(s.tickMS * float64(time.Millisecond))
}

// due returns when the input of tick is sent, in local time.
func (s *schedule) due(c *clock, tick uint32) time.Duration {
	return c.local((float64(tick)-inputLead+s.phase)*s.tickMS - c.rtt/2)
}

// plan returns the next input's tick and time, and how many ticks were skipped
// because their time has passed.
func (s *schedule) plan(c *clock, now time.Duration) (tick uint32, at time.Duration, skipped int64) {
	first := uint32(int64((c.room(now)+c.rtt/2)/s.tickMS - s.phase + inputLead))
	if !s.set {
		s.set, s.next = true, first+1
	}
	switch behind := int32(first - s.next); {
	case behind > tooLate:
		skipped = int64(behind)
		s.next = first
	case behind < -1 && s.due(c, s.next)-now > max(tooEarly, 2*s.every()):
		s.next = first + 1
	}
	return s.next, s.due(c, s.next), skipped
}

// sender writes a bot's inputs on schedule. Its turns are a pacer's; one at a time.
type sender struct {
	out      *outbox
	schedule schedule
}

// turn sends the inputs that are due and returns when it wants to be called again. A
// failed write is left to the read goroutine, which sees the same conn end.
func (s *sender) turn(now time.Duration) time.Duration {
	for {
		tick, at := s.plan(now)
		if at > now {
			return min(at, now+longestSleep)
		}
		s.schedule.next++
		sent, err := s.out.input(now, at, tick)
		switch {
		case err != nil:
			s.out.counters.Skipped.Add(1)
		case sent:
			s.out.counters.Inputs.Add(1)
		}
	}
}

// plan returns the next input and notes those whose time has passed: skipped, they
// still wait for an answer.
func (s *sender) plan(now time.Duration) (uint32, time.Duration) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	tick, at, skipped := s.schedule.plan(&s.out.clock, now)
	s.out.counters.Skipped.Add(skipped)
	for missed := tick - uint32(min(skipped, maxWaiting)); missed != tick; missed++ {
		s.out.dueLocked(s.schedule.due(&s.out.clock, missed), missed)
	}
	return tick, at
}
