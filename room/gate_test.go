package room

import (
	"math/bits"
	"testing"
	"time"
)

const interval = 50 * time.Millisecond

func TestGateKeepsSendsWithinRoundTripPlusTwo(t *testing.T) {
	for _, rtt := range []time.Duration{time.Millisecond, 40 * time.Millisecond, 120 * time.Millisecond, 400 * time.Millisecond} {
		now := time.Unix(0, 0)
		var g gate
		g.reset(now)
		g.record(sent{tick: 1, at: now})
		if !g.ack(1, now.Add(rtt)) {
			t.Fatal("a sent tick was not accepted")
		}
		now = now.Add(rtt)
		n := 0
		for tick := uint32(2); g.open(interval); tick++ {
			g.record(sent{tick: tick, at: now})
			n++
		}
		if want := int((rtt+interval-1)/interval) + gateSlack; n != want { // nothing queues yet
			t.Errorf("round trip %v: %d sends in flight, want %d", rtt, n, want)
		}
	}
}

func TestGateOpensOnAcknowledgementAlone(t *testing.T) {
	now := time.Unix(0, 0)
	var g gate
	g.reset(now)
	tick := uint32(0xFFFFFFF0) // counters may wrap
	for g.open(interval) {
		tick++
		g.record(sent{tick: tick, at: now})
	}
	if g.ack(tick+1, now) {
		t.Error("a tick that was never sent was accepted")
	}
	if g.open(interval) {
		t.Error("open without an acknowledgement")
	}
	if lag := g.lag(now.Add(time.Second)); lag != time.Second {
		t.Errorf("lag %v, want 1s", lag)
	}
	if !g.ack(tick, now.Add(time.Second)) || !g.open(interval) || g.inFlight() != 0 {
		t.Errorf("acknowledging the newest tick leaves %d in flight", g.inFlight())
	}
	if g.lag(now.Add(time.Minute)) != 0 {
		t.Error("lag although everything is acknowledged")
	}
}

func TestGateBelievesALongerRoundTripOnceItIsAlone(t *testing.T) {
	now := time.Unix(0, 0)
	var g gate
	g.reset(now)
	send := func(tick uint32, rtt time.Duration) {
		g.record(sent{tick: tick, at: now})
		g.ack(tick, now.Add(rtt))
		now = now.Add(time.Second)
	}
	send(1, 10*time.Millisecond)
	for tick := uint32(2); tick < 30; tick++ {
		send(tick, 200*time.Millisecond)
		if tick == 3 && g.rtt.floor != 10*time.Millisecond {
			t.Errorf("after 2 s the round trip is %v, want 10ms", g.rtt.floor)
		}
	}
	if g.rtt.floor != 200*time.Millisecond {
		t.Errorf("after 28 s the round trip is %v, want 200ms", g.rtt.floor)
	}
}

// narrow is a line that takes one frame after the other at its own pace.
type narrow struct {
	rtt    time.Duration // of the empty line
	perKB  time.Duration
	free   time.Time // when the last frame is through
	events []arrival
}

type arrival struct {
	tick uint32
	sent time.Time // when its state was made
	at   time.Time // when its acknowledgement is back
}

func (l *narrow) send(tick uint32, now time.Time, bytes int) {
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(l.perKB * time.Duration(bytes) / 1000)
	l.events = append(l.events, arrival{tick, now, l.free.Add(l.rtt)})
}

// A line that takes 60 % of the stream's bytes, from the start or from some time on,
// comes to show nothing that is older than two round trips of a frame, and one frame,
// however long it lasts.
func TestANarrowLineStaysFresh(t *testing.T) {
	const step, keyframe = 200, 3000 // bytes
	jump := func(back uint32) int {  // twice as far costs a bit more of every residual
		return step*14/10 + step*35/100*bits.Len32(back-1)
	}
	for _, rtt := range []time.Duration{2 * time.Millisecond, 60 * time.Millisecond, 180 * time.Millisecond} {
		for _, from := range []int{0, 200} {
			full := interval * 1000 / step // per KB, at which the stream just fits
			line := &narrow{rtt: rtt, perKB: full / 10}
			now := time.Unix(0, 0)
			var g gate
			g.reset(now)
			worst, frames := time.Duration(0), 0
			shown := now
			for tick := range uint32(1200) {
				now = now.Add(interval)
				if int(tick) == from {
					line.perKB = full * 10 / 6
				}
				for len(line.events) > 0 && !line.events[0].at.After(now) {
					e := line.events[0]
					line.events = line.events[1:]
					g.ack(e.tick, e.at)
					shown = e.sent
					frames++
				}
				if int(tick) > from+300 {
					worst = max(worst, now.Sub(shown))
				}
				if !g.open(interval) {
					continue
				}
				bytes := keyframe
				if g.hasBaseline {
					bytes = step
					if back := tick - g.baseline.tick; back > 1 {
						bytes = jump(back)
					}
				}
				line.send(tick, now, bytes)
				g.record(sent{tick: tick, at: now})
			}
			frame := line.perKB * time.Duration(jump(4)) / 1000
			if limit := 2*(rtt+frame) + frame + 3*interval; worst > limit {
				t.Errorf("round trip %v, narrow from tick %d: up to %v old, want %v", rtt, from, worst, limit)
			}
			if frames < 150 {
				t.Errorf("round trip %v: only %d frames in a minute", rtt, frames)
			}
		}
	}
}

func TestGateResumesOnlyFromWhatWasSent(t *testing.T) {
	now := time.Unix(0, 0)
	set := &groupSet{}
	for _, acked := range []uint32{0, 3} {
		for tick := range uint32(8) {
			var g gate
			g.reset(now)
			for i := uint32(1); i <= 5; i++ {
				g.record(sent{tick: i, seq: i, groups: set})
			}
			if acked > 0 {
				g.ack(acked, now)
			}
			known := g.holds(tick)
			if known {
				g.resume(tick, now)
			} else {
				g.reset(now)
			}
			want := tick >= max(acked, 1) && tick <= 5
			if known != want || g.hasBaseline != want || want && g.baseline.tick != tick {
				t.Errorf("acked %d, resume at %d: known %v, baseline %v", acked, tick, known, g.baseline.tick)
			}
			if g.inFlight() != 0 {
				t.Errorf("a new conn has %d in flight", g.inFlight())
			}
		}
	}
}
