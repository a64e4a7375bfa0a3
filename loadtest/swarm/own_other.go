//go:build !linux

package swarm

import "time"

// measureOwn knows nothing here; the lag alone tells a starved swarm.
func measureOwn() usage { return usage{at: time.Now()} }

// cpuModel is not known here.
func cpuModel() string { return "" }
