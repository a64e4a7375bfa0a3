package server

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
)

func TestGarbageIsBoundedByWhatAProcessMayTake(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 100}, {50 << 20, 100}, {192 << 20, 100}, {384 << 20, 50}, {512 << 20, 37}, {4 << 30, 25}} {
		if got := gcPercent(c.live); got != c.want {
			t.Errorf("%d MB live: %d %%, want %d", c.live>>20, got, c.want)
		}
	}
}

func TestAnOperatorsOwnSettingsOfTheCollectorStand(t *testing.T) {
	for env, want := range map[string]bool{"GOGC=50": true, "GOMEMLIMIT=1GiB": true, "GOGCX=1": false, "HOME=/GOGC=1": false} {
		if got := decidesGC([]string{"PATH=/bin", env}); got != want {
			t.Errorf("%s: %v", env, got)
		}
	}
}

// collect makes the collector know what is live, and keeps held so.
func collect(held []byte) {
	runtime.GC()
	runtime.KeepAlive(held)
}

// percentNow is what the collector goes by.
func percentNow() int {
	now := debug.SetGCPercent(mostPercent)
	debug.SetGCPercent(now)
	return now
}

func TestMuchLiveStateLowersTheShareOfGarbageUntilTheProcessEnds(t *testing.T) {
	before := debug.SetGCPercent(mostPercent)
	defer debug.SetGCPercent(before)
	held := make([]byte, 2*headroom)
	synctest.Test(t, func(t *testing.T) {
		collect(held)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); boundHeadroom(ctx) }()
		synctest.Wait()
		if got := percentNow(); got > 50 || got < leastPercent {
			t.Errorf("with %d MB live: %d %%", len(held)>>20, got)
		}
		cancel()
		<-ended
		if got := percentNow(); got != mostPercent {
			t.Errorf("at the end: %d %%", got)
		}
	})
	runtime.KeepAlive(held)
}
