package swarm

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureOwn asks the kernel: getrusage for what the process ran, and each thread's
// schedstat (time run, time on the run queue, slices; in ns) for what it waited.
func measureOwn() usage {
	u := usage{at: time.Now()}
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		u.ran = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return u
	}
	for _, t := range threads {
		text, err := os.ReadFile("/proc/self/task/" + t.Name() + "/schedstat")
		if err != nil {
			continue // it has ended
		}
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			ns, _ := strconv.ParseInt(fields[1], 10, 64)
			u.waited += time.Duration(ns)
			u.waiting = true
		}
	}
	return u
}

// cpuModel is the processor's name, empty if the kernel does not tell.
func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // nothing is read of a file that is not there
	for line := range strings.Lines(string(text)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return ""
}
