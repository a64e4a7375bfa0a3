package report

import (
	"maps"
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
	// Ten seconds of 70 and 130: a standard deviation of 31.6, so 10 % of the mean of a run.
	r := steady(100, 0)
	r.Timeline = r.Timeline[:10]
	for i := range r.Timeline {
		r.Timeline[i].Echo.P99 += 60*float64(i%2) - 30
	}
	if c, want := compared(t, r, r), 2*math.Sqrt2*0.1; math.Abs(c.Noise-want) > 1e-6 {
		t.Errorf("noise %v, want %v", c.Noise, want)
	}
	// What swings from second to second is told apart from what swings from part to part.
	slow, fast := steady(100, 0), steady(100, 0)
	for i := range slow.Timeline {
		slow.Timeline[i].Echo.P99 += 60*float64(i/2%2) - 30
		fast.Timeline[i].Echo.P99 += 60*float64(i%2) - 30
	}
	if s, f := compared(t, slow, slow).Noise, compared(t, fast, fast).Noise; f != 0 || s < 0.25 {
		t.Errorf("noise %v of a slow swing, %v of a fast one", s, f)
	}
}

func TestAFigureWithoutSecondsHasNoNoise(t *testing.T) {
	short := steady(100, 0)
	short.Timeline = short.Timeline[:minSeconds-1]
	if c := compared(t, short, steady(200, 0)); !math.IsNaN(c.Noise) || c.Significant() {
		t.Errorf("%+v", c)
	}
}

func TestAnInvalidRunIsNeitherBetterNorWorse(t *testing.T) {
	bad := steady(120, 1)
	bad.Verdict.Valid, bad.Verdict.Doubts = false, []string{"the bots lagged"}
	table := comparison(t, steady(100, 1), bad)
	for _, want := range []string{"b is INVALID, so nothing is called better or worse: the bots lagged", "echo.p99", "100 ms", "120 ms", "1.200", "no verdict"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
	if strings.Contains(table, "% worse") || strings.Contains(table, "% within") {
		t.Errorf("a verdict all the same:\n%s", table)
	}
	if table = comparison(t, steady(100, 1), steady(120, 1)); !strings.Contains(table, "worse") || !strings.Contains(table, "same flags, program and machine") {
		t.Errorf("two valid runs:\n%s", table)
	}
}

func TestTheTableSaysWhatWasNotTheSame(t *testing.T) {
	a, b := steady(100, 1), steady(100, 1)
	a.Config = Config{Game: "arena", Decode: true, Ramp: []RampLeg{{0, 0}, {10, 500}}, Args: []string{"-json", "a.json"}, StartedAt: "monday"}
	b.Config = Config{Game: "wander", Ramp: []RampLeg{{0, 0}, {10, 400}}, Net: "rtt=80ms", Storms: []Storm{{20, 0.5}}, Args: []string{"-json", "b.json"}}
	a.Software = Software{Revision: "abc", Go: "go1.26", Cores: 2, CPU: "fast"}
	b.Software = Software{Revision: "abc", Modified: true, Go: "go1.26", Cores: 2, CPU: "slow"}
	got := make(map[string]string)
	for _, d := range Differences(a, b) {
		got[d.Name] = d.A + "|" + d.B
	}
	want := map[string]string{
		"game": "arena|wander", "-decode": "on|off", "-ramp": "0s:0,10s:500|0s:0,10s:400", "-net": "|rtt=80ms", "-storm": "|50%@20s",
		"program": "abc|abc with changes", "CPU": "fast|slow",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if table := comparison(t, a, b); !strings.Contains(table, "not the same: -net             a none, b rtt=80ms") {
		t.Errorf("\n%s", table)
	}
}

func comparison(t *testing.T, a, b *Report) string {
	t.Helper()
	var w strings.Builder
	if err := WriteComparison(&w, a, b); err != nil {
		t.Fatal(err)
	}
	return w.String()
}

// The largest of a run is as uncertain as the largest of its parts, however long it is.
func TestTheNoiseOfAnExtremeIsTheSpreadOfItsParts(t *testing.T) {
	run := func(seconds int) *Report {
		r := &Report{Verdict: Verdict{Valid: true}, Totals: Totals{GapMS: Quantiles{Max: 200, N: 1}}, Server: &Server{MaxRSS: 20}}
		for i := range seconds {
			r.Timeline = append(r.Timeline, Point{
				Gap: Quantiles{Max: 100 + 100*float64(i%2), N: 1}, Server: &ServerPoint{RSS: 20},
			})
		}
		return r
	}
	of := func(name string, r *Report) float64 {
		for _, c := range Compare(r, r) {
			if c.Name == name {
				return c.Noise
			}
		}
		t.Fatalf("%s was not compared", name)
		return 0
	}
	// Ten seconds of 100 and 200: a deviation of 52.7, 35 % of the mean.
	if got, want := of("gap.max", run(10)), 2*math.Sqrt2*0.351; math.Abs(got-want) > 0.01 {
		t.Errorf("gap.max of 10 seconds: noise %v, want %v", got, want)
	}
	if got := of("gap.max", run(40)); got != 0 { // each part has seen 200
		t.Errorf("gap.max of 40 seconds: noise %v, want 0", got)
	}
	if got := of("server_rss", run(10)); got != 0 {
		t.Errorf("a memory that stays: noise %v", got)
	}
}

func TestSecondsOfTheRampAreNoNoise(t *testing.T) {
	r := steady(100, 0)
	for i := range r.Timeline {
		r.Timeline[i].Bots.Live = min(100, 20*i)
		if i < 5 {
			r.Timeline[i].Echo.P99 = 10
		}
	}
	if c := compared(t, r, r); c.Noise != 0 {
		t.Errorf("noise %v", c.Noise)
	}
}
