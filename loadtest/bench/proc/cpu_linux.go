package proc

import (
	"time"

	"golang.org/x/sys/unix"
)

// clockOf is the CPU clock of a whole process, as clock_getcpuclockid(3) makes it: the
// bits of the number upside down, and 2 for the scheduler's own account.
func clockOf(pid int) int32 { return int32(^pid)<<3 | 2 }

// CPU returns the user and system time that a process has used: to the nanosecond if its
// clock can be read, else to the hundredth of a second of /proc/PID/stat.
func CPU(pid int) (time.Duration, error) {
	var t unix.Timespec
	if unix.ClockGettime(clockOf(pid), &t) == nil {
		return time.Duration(t.Nano()), nil
	}
	return statCPU(pid)
}
