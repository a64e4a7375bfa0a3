package impair

import (
	"testing"
	"time"
)

var start = time.Unix(1000, 0)

// linkOf returns a link whose profile came into force at start.
func linkOf(p Profile, seed uint64) *link {
	l := newLink(func() *regime { return &regime{profile: p, since: start} }, seed, 1)
	return &l
}

func TestASegmentTakesHalfARoundTripAndAtMostHalfTheJitterMore(t *testing.T) {
	p := Profile{RTT: 80 * time.Millisecond, Jitter: 20 * time.Millisecond}
	l := linkOf(p, 1)
	var least, most time.Duration = time.Hour, 0
	for i := range 10_000 {
		now := start.Add(time.Duration(i) * 50 * time.Millisecond)
		d := l.arrival(now, 100).Sub(now)
		least, most = min(least, d), max(most, d)
	}
	if least < 40*time.Millisecond || least > 41*time.Millisecond || most > 50*time.Millisecond || most < 49*time.Millisecond {
		t.Errorf("from %v to %v, want 40 ms to 50 ms", least, most)
	}
}

func TestNoSegmentPassesAnother(t *testing.T) {
	l := linkOf(Profile{RTT: 10 * time.Millisecond, Jitter: time.Second, Stall: 0.2}, 2)
	last := start
	for i := range 10_000 {
		at := l.arrival(start.Add(time.Duration(i)*time.Millisecond), 100)
		if at.Before(last) {
			t.Fatalf("seed 2: segment %d arrives %v before the one before", i, last.Sub(at))
		}
		last = at
	}
}

func TestTheLineCarriesItsBandwidthAndNoMore(t *testing.T) {
	l := linkOf(Profile{Bandwidth: 256_000}, 1)
	var at time.Time
	for range 100 {
		at = l.arrival(start, 1000)
	}
	if got, want := at.Sub(start), 3125*time.Millisecond; got != want {
		t.Errorf("100,000 B took %v, want %v", got, want)
	}
	if later := start.Add(time.Hour); l.arrival(later, 0) != later {
		t.Error("an idle line holds things up")
	}
}

func TestTheShareOfStallsIsTheOneAskedFor(t *testing.T) {
	p := Profile{RTT: 100 * time.Millisecond, Stall: 0.01}
	l := linkOf(p, 3)
	stalled, again, n := 0, 0, 100_000
	for i := range n {
		now := start.Add(time.Duration(i) * time.Minute) // apart, so that none waits for another
		switch d := l.arrival(now, 100).Sub(now); {
		case d >= 50*time.Millisecond+3*300*time.Millisecond:
			again++
			stalled++
		case d == 350*time.Millisecond:
			stalled++
		case d != 50*time.Millisecond:
			t.Fatalf("a segment took %v: neither 50 ms nor a timeout of 300 ms more", d)
		}
	}
	if share := float64(stalled) / float64(n); share < 0.009 || share > 0.011 || again == 0 {
		t.Errorf("seed 3: %.4f stalled, %d of them more than once; want 0.01 and some", share, again)
	}
}

func TestWhatMeetsABlackoutArrivesAfterwards(t *testing.T) {
	p := Profile{RTT: 100 * time.Millisecond, Blackout: 10 * time.Second, BlackoutAt: 30 * time.Second}
	for sent, want := range map[time.Duration]time.Duration{
		0:                        50 * time.Millisecond,
		29940 * time.Millisecond: 29990 * time.Millisecond,
		29960 * time.Millisecond: 40050 * time.Millisecond, // was under way
		30 * time.Second:         40050 * time.Millisecond,
		39999 * time.Millisecond: 40050 * time.Millisecond,
		40 * time.Second:         40050 * time.Millisecond,
		41 * time.Second:         41050 * time.Millisecond,
	} {
		if got := linkOf(p, 1).arrival(start.Add(sent), 10).Sub(start); got != want {
			t.Errorf("sent at %v: arrives at %v, want %v", sent, got, want)
		}
	}
}

func TestTheSameSeedGivesTheSameDelays(t *testing.T) {
	p := Profile{RTT: 80 * time.Millisecond, Jitter: 60 * time.Millisecond, Stall: 0.05, Bandwidth: 1e6}
	a, b, other := linkOf(p, 7), linkOf(p, 7), linkOf(p, 8)
	differ := false
	for i := range 1000 {
		now := start.Add(time.Duration(i) * 50 * time.Millisecond)
		x, y, z := a.arrival(now, 600), b.arrival(now, 600), other.arrival(now, 600)
		if x != y {
			t.Fatalf("segment %d arrives at two times", i)
		}
		differ = differ || x != z
	}
	if !differ {
		t.Error("another seed changes nothing")
	}
}
