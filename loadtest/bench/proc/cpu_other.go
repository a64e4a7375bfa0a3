//go:build !linux

package proc

import "time"

// CPU fails where there is no /proc.
func CPU(pid int) (time.Duration, error) { return statCPU(pid) }
