//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// measured returns a measure that others disturbed so much, one time after the other.
func measured(others ...float64) (measure func() (sample, error), taken *int) {
	n := 0
	return func() (sample, error) {
		n++
		return sample{others: others[n-1]}, nil
	}, &n
}

func TestAMeasurementThatOthersSpoiledIsTakenAgain(t *testing.T) {
	measure, taken := measured(100, 0, 100)
	if s, err := undisturbed(measure, nil); err != nil || s.spoiled() || *taken != 2 || s.invalid() != "" {
		t.Errorf("%+v, %v after %d", s.others, err, *taken)
	}
}

func TestTheLeastSpoiledOfAllIsMarkedInvalid(t *testing.T) {
	measure, taken := measured(100, 50, 70)
	s, err := undisturbed(measure, func(*sample) bool { return false })
	if err != nil || s.others != 50 || *taken != calmTries || !strings.HasPrefix(s.invalid(), "INVALID") {
		t.Errorf("%v, %v after %d: %q", s.others, err, *taken, s.invalid())
	}
	r := report{Figures: []figure{{What: "a", Invalid: s.invalid()}}}
	if !strings.Contains(r.text(), "INVALID") {
		t.Errorf("the table does not say so:\n%s", r.text())
	}
}

func TestALoadThatIsHeldOnABusyMachineIsHeld(t *testing.T) {
	measure, taken := measured(100)
	if s, err := undisturbed(measure, func(*sample) bool { return true }); err != nil || s.others != 100 || *taken != 1 {
		t.Errorf("%v, %v after %d", s.others, err, *taken)
	}
}

func TestAFailedMeasurementIsNotTakenAgain(t *testing.T) {
	no := errors.New("no")
	if _, err := undisturbed(func() (sample, error) { return sample{}, no }, nil); !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

// What a process of ours does is not what others do.
func TestTheWitnessCountsOthersOnly(t *testing.T) {
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Process.Kill(); _ = busy.Wait() }()
	knows, not := watchOthers(busy.Process.Pid), watchOthers()
	for start := time.Now(); knows.used()-knows.ours < 100*time.Millisecond; {
		if time.Since(start) > time.Minute {
			t.Fatal("the loop does not run")
		}
	}
	with, without := knows.cores(), not.cores()
	if without <= with {
		t.Errorf("others used %.3f cores, and %.3f with the loop among ours", without, with)
	}
	if not.pids[0] != os.Getpid() {
		t.Errorf("this process is not among ours: %v", not.pids)
	}
}

func TestARoundTripOfASlowClientIsItsSnapshotAtItsRate(t *testing.T) {
	start := time.Now()
	first := slowLook{at: start}
	second := slowLook{at: start.Add(2 * time.Second)}
	second.BytesIn = 10 * 2 * 1000 // ten others get 1,000 bytes a second each
	second.Counters = drive.Counters{BytesIn: second.BytesIn, SlowBytes: 3 * 296, SlowFrames: 3}
	if got := second.trip(&first, 10); got != 500 { // 300 bytes with their header at 600 a second
		t.Errorf("%v ms, want 500", got)
	}
	if got := fresh(stats.Of([]float64{500}), 50); !strings.Contains(got, "<= 1050:") {
		t.Errorf("held to %q", got)
	}
}
