package report

import (
	"math"
	"strings"
	"testing"
)

// steady is a run whose echo p99 was so many milliseconds in every second, give or take
// a wobble.
func steady(p99, wobble float64) *Report {
	r := &Report{Verdict: Verdict{OK: true, Valid: true}, Totals: Totals{EchoMS: Quantiles{P99: p99, N: 1}}}
	for i := range 20 {
		r.Timeline = append(r.Timeline, Point{Echo: Quantiles{P99: p99 + wobble*float64(i%3-1), N: 1}})
	}
	return r
}

func compared(t *testing.T, a, b *Report) Comparison {
	t.Helper()
	for _, c := range Compare(a, b) {
		if c.Name == "echo.p99" {
			return c
		}
	}
	t.Fatal("echo.p99 was not compared")
	return Comparison{}
}

func TestADifferenceCountsOnlyOutsideTheNoise(t *testing.T) {
	quiet := compared(t, steady(100, 3), steady(110, 3))
	if !quiet.Significant() || quiet.Better() || !near(quiet.Ratio, 1.1) {
		t.Errorf("10 %% worse with a wobble of 3 %%: %+v", quiet)
	}
	loud := compared(t, steady(100, 60), steady(110, 60))
	if loud.Significant() {
		t.Errorf("10 %% worse with a wobble of 60 %%: %+v", loud)
	}
	if same := compared(t, steady(100, 3), steady(100, 3)); same.Significant() {
		t.Errorf("a run differs from itself: %+v", same)
	}
}

func TestTheNoiseIsTwoStandardErrors(t *testing.T) {
	// 20 seconds of -30, 0, +30: a standard deviation of 24.9, 5.6 % of the mean of a run.
	c := compared(t, steady(100, 30), steady(100, 30))
	if want := 2 * math.Sqrt2 * 0.0558; math.Abs(c.Noise-want) > 0.003 {
		t.Errorf("noise %v, want %v", c.Noise, want)
	}
}

func TestAFigureWithoutSecondsHasNoNoise(t *testing.T) {
	short := steady(100, 0)
	short.Timeline = short.Timeline[:minSeconds-1]
	if c := compared(t, short, steady(200, 0)); !math.IsNaN(c.Noise) || c.Significant() {
		t.Errorf("%+v", c)
	}
}

func TestTheTableSaysWhichRunProvesNothing(t *testing.T) {
	bad := steady(120, 1)
	bad.Verdict.Valid, bad.Verdict.Doubts = false, []string{"the bots lagged"}
	var w strings.Builder
	if err := WriteComparison(&w, steady(100, 1), bad); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"b is INVALID: the bots lagged", "echo.p99", "100 ms", "120 ms", "1.200", "worse"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("no %q in\n%s", want, w.String())
		}
	}
}
