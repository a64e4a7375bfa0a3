package client

import (
	"context"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Inputs are sent for a tick well before the room simulates it: two ticks less the
// bot's phase, and the way there. An input that misses its tick is worth little, and
// the room takes them up to 16 ticks early.
const (
	inputLead = 2 // ticks

	// tooLate is how many ticks an input may be behind its schedule before it is
	// skipped: sending a burst of stale inputs would help nobody.
	tooLate = 1

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
	if behind := int32(first - s.next); behind > tooLate {
		skipped = int64(behind)
		s.next = first
	}
	return s.next, s.due(c, s.next), skipped
}

// sender writes a bot's inputs on schedule. Owned by the send goroutine.
type sender struct {
	out      *outbox
	schedule schedule
	wake     time.Duration           // local time at which the sleep should have ended
	lag      *hdrhistogram.Histogram // how much later it did; see RecordCorrected
}

// run sends until ctx ends. A failed write is left to the read goroutine, which sees
// the same conn end.
func (s *sender) run(ctx context.Context) {
	s.wake = s.out.now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := s.out.now()
		RecordCorrected(s.lag, now-s.wake, s.schedule.every())
		s.wake = s.turn(now)
		timer.Reset(max(0, s.wake-s.out.now()))
	}
}

// turn sends the inputs that are due and returns when it wants to be called again.
func (s *sender) turn(now time.Duration) time.Duration {
	for {
		tick, at := s.plan(now)
		if at > now {
			return min(at, now+longestSleep)
		}
		s.schedule.next++
		sent, err := s.out.input(now, tick)
		switch {
		case err != nil:
			s.out.counters.Skipped.Add(1)
		case sent:
			s.out.counters.Inputs.Add(1)
		}
	}
}

func (s *sender) plan(now time.Duration) (uint32, time.Duration) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	tick, at, skipped := s.schedule.plan(&s.out.clock, now)
	s.out.counters.Skipped.Add(skipped)
	return tick, at
}
