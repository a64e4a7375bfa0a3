// Package proc starts the processes that a benchmark consists of, reads what the system
// and they say of themselves, and ends them.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	// ticksPerSecond is USER_HZ, in which Linux counts CPU time: 100 on every
	// architecture that Go supports.
	ticksPerSecond = 100

	fieldUser, fieldSystem = 14, 15 // of /proc/PID/stat, proc(5)
	fieldResident          = 2      // of /proc/PID/statm
	fieldIdle, fieldWait   = 4, 5   // of the line of all cores in /proc/stat
)

var errStat = errors.New("proc: not a stat line")

// statCPU reads the user and system time of a process from its stat line.
func statCPU(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(text)
}

// parseStat adds up the times of a stat line. The second field is a name in parentheses,
// which may hold anything, spaces and parentheses too: fields are counted from its end.
func parseStat(line []byte) (time.Duration, error) {
	end := bytes.LastIndexByte(line, ')')
	if end < 0 {
		return 0, errStat
	}
	fields := bytes.Fields(line[end+1:])
	const first = 3 // number of the field after the name
	if len(fields) <= fieldSystem-first {
		return 0, errStat
	}
	user, err1 := strconv.ParseInt(string(fields[fieldUser-first]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[fieldSystem-first]), 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("%w: %w", errStat, err)
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond, nil
}

// Memory returns the resident set of a process in bytes.
func Memory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text)
	if len(fields) < fieldResident {
		return 0, errStat
	}
	pages, err := strconv.ParseInt(string(fields[fieldResident-1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// Busy returns the time that all cores together have worked since the start.
func Busy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return parseCores(line)
}

// parseCores adds up "cpu user nice system idle iowait irq softirq steal ...", idle times
// and those of guests, which are part of user, left out.
func parseCores(line []byte) (time.Duration, error) {
	fields := bytes.Fields(line)
	const steal = 8
	if len(fields) <= steal || string(fields[0]) != "cpu" {
		return 0, errStat
	}
	var busy int64
	for i := 1; i <= steal; i++ {
		n, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errStat, err)
		}
		if i != fieldIdle && i != fieldWait {
			busy += n
		}
	}
	return time.Duration(busy) * time.Second / ticksPerSecond, nil
}
