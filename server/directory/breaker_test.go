package directory

import (
	"testing"
	"time"
)

func TestBreakerLetsOneTryThroughAtATimeOnceAllFail(t *testing.T) {
	var b breaker
	now := time.Now()
	for range breakerFailures {
		if !b.allow(now) {
			t.Fatal("refused after too few failures")
		}
		b.note(false, now)
	}
	if b.allow(now) {
		t.Error("not refused")
	}
	now = now.Add(breakerPause)
	if !b.allow(now) || b.allow(now) {
		t.Error("not one try after the pause")
	}
	b.forget()
	if !b.allow(now) {
		t.Error("a try that said nothing was not given back")
	}
	b.note(false, now)
	if b.allow(now) {
		t.Error("not refused after another failure")
	}
	now = now.Add(breakerPause)
	if !b.allow(now) {
		t.Error("no try after the pause")
	}
	b.note(true, now)
	for range 2 {
		if !b.allow(now) {
			t.Error("refused after a success")
		}
	}
}
