package report

import (
	"strings"
	"testing"
)

func TestConditionsAreCheckedInTheFiguresUnit(t *testing.T) {
	r := &Report{Totals: Totals{EchoMS: Quantiles{P50: 80, P99: 150, Max: 2000, N: 5}, Reach: 0.9995}}
	for text, holds := range map[string]bool{
		"echo.p99<150ms": false, "echo.p99<=150ms": true, "echo.p99 < 0.2s": true, "echo.p99<150.5": true,
		"echo.max>=2s": true, "echo.max>2s": false, "reach>0.999": true, "reach > 99.9%": true, "reach>=1": false,
		"tick.p99<1s": false, // nothing was measured
		"faults<1":    true,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if a := c.Check(r); a.Holds != holds {
			t.Errorf("%s: %+v, want %v", text, a, holds)
		}
	}
}

func TestAWrongConditionSaysHowToWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"echo.p98<1ms":   "known are join.p50",
		"echo.p99=1ms":   "echo.p99<150ms",
		"echo.p99<fast":  "150ms",
		"reach>almost":   "not a number",
		"reach>1ms":      "not a number",
		"echo.p99<50%":   "150ms",
		"":               "none of",
		"<5":             "no figure",
		"server_cpu<1 s": "not a number",
	} {
		if _, err := ParseCondition(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %q", text, err, want)
		}
	}
}

func TestEveryFigureHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Figures() {
		if f.Name == "" || seen[f.Name] {
			t.Errorf("figure %q is there twice or has no name", f.Name)
		}
		seen[f.Name] = true
		if _, known := f.Value(&Report{}); known && strings.Contains(f.Name, ".") {
			t.Errorf("%s is known of an empty report", f.Name)
		}
	}
}
