package room

import (
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
		if want := int((rtt+interval-1)/interval) + gateSlack; n != want {
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

func TestGateForgetsAnOldMinimumRoundTrip(t *testing.T) {
	now := time.Unix(0, 0)
	var g gate
	g.reset(now)
	send := func(tick uint32, rtt time.Duration) {
		g.record(sent{tick: tick, at: now})
		g.ack(tick, now.Add(rtt))
		now = now.Add(time.Second)
	}
	send(1, 10*time.Millisecond)
	for tick := uint32(2); tick < 20; tick++ {
		send(tick, 200*time.Millisecond)
		if tick == 3 && g.rtt() != 10*time.Millisecond {
			t.Errorf("after 2 s the minimum is %v, want 10ms", g.rtt())
		}
	}
	if g.rtt() != 200*time.Millisecond {
		t.Errorf("after 18 s the minimum is %v, want 200ms", g.rtt())
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
