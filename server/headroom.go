package server

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
)

const (
	// headroom is how much garbage a process with much live state collects before it looks
	// for it. By Go's rule it would be as much again as the live state: ten thousand rooms
	// would take twice their memory for what their players left behind when they joined,
	// since rooms that play allocate nothing.
	headroom = 192 << 20

	// mostPercent is Go's own, for processes with less live state than that; leastPercent
	// bounds how often a large one is searched.
	leastPercent, mostPercent = 25, 100

	percentStep   = 5
	headroomEvery = time.Second
)

// gcPercent is how much garbage may collect in percent of the live state.
func gcPercent(live uint64) int {
	return int(min(max(headroom*100/max(live, 1), leastPercent), mostPercent))
}

// decidesGC reports whether the process's operator has settled how memory is collected.
func decidesGC(env []string) bool {
	return slices.ContainsFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, "GOMEMLIMIT=")
	})
}

// boundHeadroom keeps the garbage of this process bounded until ctx ends. Only Main may
// call it: who runs a server as a part of something else owns the collector.
func boundHeadroom(ctx context.Context) {
	defer debug.SetGCPercent(mostPercent)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	t := time.NewTicker(headroomEvery)
	defer t.Stop()
	for now := mostPercent; ; {
		metrics.Read(live)
		want := gcPercent(live[0].Value.Uint64() + live[1].Value.Uint64())
		if want/percentStep != now/percentStep { // setting it stops the world for a moment
			now = want
			debug.SetGCPercent(now)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}
