package client

import (
	"testing"
	"time"
)

func TestTheLongestSilenceIsToldWithItsStart(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	quiet := func(n int, d time.Duration) {
		room.step(1)
		b.now += d - 20*time.Millisecond // the rest is tell's
		b.must(room.delta(n))
	}
	quiet(1, 60*time.Millisecond)
	begun := b.now
	for range 24 {
		room.step(1)
	}
	quiet(25, 500*time.Millisecond)
	quiet(1, 100*time.Millisecond)
	b.left.Store(int64(b.now + 200*time.Millisecond))
	b.view.finish(b.end())
	r := b.Result()
	if r.Silence.Length != 500*time.Millisecond || !r.Silence.From.Equal(b.base.Add(begun)) {
		t.Errorf("silent for %v from %v on, want 500ms from %v on", r.Silence.Length, r.Silence.From.Sub(b.base), begun)
	}
	if r.Tail != 10 {
		t.Errorf("%d ticks were due after the newest snapshot, want 10", r.Tail)
	}
}

func TestATickOnItsWayIsDueButNotOwed(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	for range 50 {
		room.step(1)
		b.must(room.delta(1))
	}
	b.left.Store(int64(b.now + 21*time.Millisecond))
	if n := b.Counts(); n.Due != 52 || n.Owed != 51 || n.Paid != 51 {
		t.Errorf("%d due, %d owed, %d paid", n.Due, n.Owed, n.Paid)
	}
	b.left.Store(int64(b.now + 59*time.Millisecond))
	if n := b.Counts(); n.Due != 53 || n.Owed != 52 || n.Paid != 51 {
		t.Errorf("a tick later: %d due, %d owed, %d paid", n.Due, n.Owed, n.Paid)
	}
}
