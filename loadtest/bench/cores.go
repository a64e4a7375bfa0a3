//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// coresSuite ticks rooms on one core and on two, in rounds that take turns.
func coresSuite(ctx context.Context, b *bench) error {
	var gain []float64
	for round := range b.opts.rounds {
		run := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkRooms$",
			"-benchtime", "500ms", "-cpu", "1,2", "./room")
		run.Dir = b.root
		out, err := run.CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test: %w\n%s", err, out)
		}
		one, two := perTick(string(out), "BenchmarkRooms"), perTick(string(out), "BenchmarkRooms-2")
		if one == 0 || two == 0 {
			return fmt.Errorf("the benchmark told no time on one core and on two:\n%s", out)
		}
		gain = append(gain, one/two)
		b.say("round %d of %d: %.1f us a tick on one core, %.1f us on two", round+1, b.opts.rounds, one/1e3, two/1e3)
	}
	b.report.add(figure{What: "ticks a second of rooms of 50, two cores over one", Unit: "x", Value: stats.Of(gain), Held: "about 2"})
	return nil
}

// perTick reads a benchmark's ns/op; 0 if it is not there.
func perTick(text, name string) float64 {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) >= 4 && f[0] == name && f[3] == "ns/op" {
			v, _ := strconv.ParseFloat(f[2], 64) // what is no number counts as not there
			return v
		}
	}
	return 0
}
