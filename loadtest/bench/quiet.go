//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
)

// quiet is the share of the cores that others may use before figures of different runs
// can no longer be compared.
const quiet = 0.05

// calmTries is how often a load is measured whose measurement others may have spoiled.
const calmTries = 3

// witness tells how busy the machine is with other processes than ours.
type witness struct {
	pids []int
	at   time.Time
	busy time.Duration // of all cores
	ours time.Duration
}

func watchOthers(pids ...int) witness {
	w := witness{pids: append(pids, os.Getpid()), at: time.Now()}
	w.busy, _ = proc.Busy()
	w.ours = w.used()
	return w
}

// used is what our processes have used so far; one that has ended counts as nothing.
func (w *witness) used() (sum time.Duration) {
	for _, pid := range w.pids {
		cpu, _ := proc.CPU(pid)
		sum += cpu
	}
	return sum
}

// cores is how many cores others kept busy since.
func (w *witness) cores() float64 {
	busy, err := proc.Busy()
	if err != nil {
		return 0
	}
	return max(0, (busy-w.busy-(w.used()-w.ours)).Seconds()/time.Since(w.at).Seconds())
}

// spoiled reports whether others used too much of the machine during the measurement.
func (s *sample) spoiled() bool { return s.others > quiet*float64(runtime.NumCPU()) }

// invalid is what to write beside figures of a measurement.
func (s *sample) invalid() string {
	if !s.spoiled() {
		return ""
	}
	return fmt.Sprintf("INVALID: the machine was busy, others used %.2f cores", s.others)
}

// calmest measures a load until a measurement will do; see undisturbed.
func (b *bench) calmest(ctx context.Context, l load, good func(*sample) bool) (sample, error) {
	return undisturbed(func() (sample, error) {
		s, err := b.roomtick(ctx, l, nil)
		if err == nil && s.spoiled() {
			b.say("%s: others used %.2f cores", l.name, s.others)
		}
		return s, err
	}, good)
}

// undisturbed measures until a measurement will do, a few times at most: good says so of
// one that others may have spoiled, nil of none. It returns the one that was spoiled least
// if there is none.
func undisturbed(measure func() (sample, error), good func(*sample) bool) (best sample, err error) {
	for try := range calmTries {
		s, err := measure()
		if err != nil {
			return s, err
		}
		if !s.spoiled() || good != nil && good(&s) {
			return s, nil
		}
		if try == 0 || s.others < best.others {
			best = s
		}
	}
	return best, nil
}
