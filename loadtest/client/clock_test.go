package client

import (
	"math"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// answer is the reply of a room whose clock is ahead by offset, over a way of the
// given length there and back.
func answer(sent time.Duration, offset, there, back float64) (now time.Duration, r *schema.ClockReply) {
	at := millis(sent) + there + offset
	return sent + time.Duration((there+back)*float64(time.Millisecond)), &schema.ClockReply{Received: at, Replied: at}
}

func TestTheClockFindsTheRoomsTime(t *testing.T) {
	var c clock
	c.snapshot(0, 4900)
	if got := c.room(0); got != 4900 {
		t.Errorf("room time %v before any reply, want 4900", got)
	}
	now, r := answer(time.Second, 5000, 10, 10)
	c.reply(time.Second, now, r)
	if got := c.room(2 * time.Second); math.Abs(got-7000) > 0.001 {
		t.Errorf("room time %v, want 7000", got)
	}
	if got := c.local(7000); got != 2*time.Second {
		t.Errorf("local time %v, want 2s", got)
	}
}

func TestTheShortestRoundTripWins(t *testing.T) {
	var c clock
	now, r := answer(time.Second, 5000, 2, 2)
	c.reply(time.Second, now, r)
	now, r = answer(2*time.Second, 5000, 90, 10)
	c.reply(2*time.Second, now, r)
	if got := c.room(0); math.Abs(got-5000) > 0.001 {
		t.Errorf("offset %v after a slow reply, want 5000", got)
	}
}

func TestARoomThatGaveUpTimeIsFollowed(t *testing.T) {
	var c clock
	now, r := answer(time.Second, 5000, 2, 2)
	c.reply(time.Second, now, r)
	now, r = answer(2*time.Second, 4300, 5, 5)
	c.reply(2*time.Second, now, r)
	if got := c.room(0); math.Abs(got-4300) > 0.001 {
		t.Errorf("offset %v, want 4300", got)
	}
}

func TestSentMicrosecondsMayWrap(t *testing.T) {
	now := 72 * time.Minute // 2^32 us are 71.6 minutes
	sent := now - 30*time.Millisecond
	if got := sentAt(now, uint32(sent.Microseconds())); got != sent {
		t.Errorf("sent at %v, want %v", got, sent)
	}
}

func TestInputsFollowTheRoomsClockTickByTick(t *testing.T) {
	c := clock{offset: 5000, rtt: 4, known: true, started: true}
	for _, phase := range []float64{0, 0.3, 0.999} {
		s := schedule{tickMS: 50, phase: phase}
		last := uint32(0)
		now := time.Duration(0)
		for range 1000 {
			tick, at, skipped := s.plan(&c, now)
			if skipped != 0 || last != 0 && tick != last+1 {
				t.Fatalf("phase %v: tick %d after %d, %d skipped", phase, tick, last, skipped)
			}
			// It arrives before its tick is simulated, and not too early.
			if early := float64(tick)*50 - c.room(at) - c.rtt/2; early < 49 || early > 101 {
				t.Fatalf("phase %v: input of tick %d arrives %v ms early", phase, tick, early)
			}
			last, now = tick, at
			s.next++
		}
	}
}

func TestInputsThatAreTooLateAreSkipped(t *testing.T) {
	c := clock{offset: 5000, known: true, started: true}
	s := schedule{tickMS: 50}
	first, _, _ := s.plan(&c, 0)
	tick, at, skipped := s.plan(&c, time.Second)
	if skipped != 19 || tick != first+19 {
		t.Errorf("after a second asleep: tick %d after %d, %d skipped; want %d and 19", tick, first, skipped, first+19)
	}
	if at > time.Second {
		t.Errorf("the input of now is due at %v", at)
	}
}

func TestAClockThatStepsBackRepeatsNoTick(t *testing.T) {
	c := clock{offset: 5000, known: true, started: true}
	s := schedule{tickMS: 50}
	tick, _, _ := s.plan(&c, 0)
	s.next++
	c.offset -= 100
	next, at, _ := s.plan(&c, 0)
	if next != tick+1 || at < 100*time.Millisecond {
		t.Errorf("tick %d at %v, want %d two ticks later", next, at, tick+1)
	}
}

func TestARoomThatGaveUpWallTimeGetsInputsAtOnce(t *testing.T) {
	c := clock{offset: 5000, known: true, started: true}
	s := schedule{tickMS: 50}
	tick, _, _ := s.plan(&c, 0)
	s.next++
	c.offset -= 2000
	next, at, skipped := s.plan(&c, 0)
	if next != tick-40 || at > 50*time.Millisecond || skipped != 0 {
		t.Errorf("after two seconds given up: tick %d at %v, %d skipped; want %d within a tick", next, at, skipped, tick-40)
	}
}
