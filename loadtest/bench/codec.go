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

// codecBenchmarks are those of package delta that say what a row costs in one tick.
const codecBenchmarks = "Publish|EncodeStep|DecodeStep|Rigid"

// codecSuite runs the codec's own benchmarks and sums up their rounds.
func codecSuite(ctx context.Context, b *bench) error {
	run := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", codecBenchmarks,
		"-benchtime", "50ms", "-count", strconv.Itoa(b.opts.rounds), "./room/delta")
	run.Dir = b.root
	out, err := run.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test: %w\n%s", err, out)
	}
	names, values := perRow(string(out))
	if len(names) == 0 {
		return fmt.Errorf("no benchmark told ns/row:\n%s", out)
	}
	for _, name := range names {
		what, held := name, ""
		switch kind, scene, _ := strings.Cut(name, "/"); kind {
		case "EncodeStep":
			held = "<= 60"
		case "Rigid":
			what, held = "publish + encode, rigid bodies, "+scene, "<= 60"
		}
		b.report.add(figure{What: what, Unit: "ns an entity", Value: stats.Of(values[name]), Held: held})
	}
	return nil
}

// perRow reads the metric ns/row out of the benchmarks' lines, such as
// "BenchmarkEncodeStep/rows=50-2  1000  900 ns/op  18.0 ns/row".
func perRow(text string) (names []string, values map[string][]float64) {
	values = make(map[string][]float64)
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if cut := strings.LastIndexByte(name, '-'); cut > 0 {
			name = name[:cut] // the number of cores
		}
		for i := 3; i < len(f); i++ {
			if f[i] != "ns/row" {
				continue
			}
			if v, err := strconv.ParseFloat(f[i-1], 64); err == nil {
				if _, seen := values[name]; !seen {
					names = append(names, name)
				}
				values[name] = append(values[name], v)
			}
		}
	}
	return names, values
}
