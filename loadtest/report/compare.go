package report

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Comparison is one figure of two runs.
type Comparison struct {
	Figure
	A, B  float64
	Ratio float64 // B / A
	Noise float64 // how far the ratio of two runs of the same thing may be from 1; NaN: not known
}

// Significant reports whether the ratio is outside of the noise.
func (c *Comparison) Significant() bool {
	return !math.IsNaN(c.Noise) && math.Abs(c.Ratio-1) > c.Noise
}

// Better reports whether B is the better one, whatever the noise says.
func (c *Comparison) Better() bool { return (c.B > c.A) == c.Higher }

// Compare lists the figures that both runs have.
func Compare(a, b *Report) []Comparison {
	var all []Comparison
	for _, f := range Figures() {
		va, oka := f.Value(a)
		vb, okb := f.Value(b)
		if !oka || !okb || va == 0 && vb == 0 {
			continue
		}
		all = append(all, Comparison{Figure: f, A: va, B: vb, Ratio: vb / va, Noise: noise(f, a, b)})
	}
	return all
}

// WriteComparison writes in what two runs differ, and the table of their figures.
func WriteComparison(w io.Writer, a, b *Report) error {
	var t strings.Builder
	valid := true
	for i, r := range []*Report{a, b} {
		if !r.Verdict.Valid {
			valid = false
			fmt.Fprintf(&t, "%s is INVALID, so nothing is called better or worse: %s\n", "ab"[i:i+1], strings.Join(r.Verdict.Doubts, "; "))
		}
	}
	differences := Differences(a, b)
	for _, d := range differences {
		fmt.Fprintf(&t, "not the same: %-16s a %s, b %s\n", d.Name, or(d.A, "none"), or(d.B, "none"))
	}
	if len(differences) == 0 {
		t.WriteString("same flags, program and machine\n")
	}
	fmt.Fprintf(&t, "%-24s %12s %12s %8s  %s\n", "", "a", "b", "b/a", "noise")
	for _, c := range Compare(a, b) {
		fmt.Fprintf(&t, "%-24s %12s %12s %8s  %s\n", c.Name, amount(c.A, c.Unit), amount(c.B, c.Unit), times(c.Ratio), c.bar(valid))
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func or(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

func amount(v float64, unit string) string {
	if unit == "B" && v >= 1000 {
		return Size(v)
	}
	return strings.TrimSpace(fmt.Sprintf("%.4g %s", v, unit))
}

func times(ratio float64) string {
	if math.IsInf(ratio, 0) {
		return "-"
	}
	return fmt.Sprintf("%.3f", ratio)
}

// Geometry of the noise bar: a character is 5 %, the middle is a ratio of 1.
const (
	barHalf = 10
	barStep = 0.05
)

// bar draws the noise as a bracket around 1 and the ratio as a mark in or outside of it,
// and gives a verdict only if both runs are valid.
func (c *Comparison) bar(valid bool) string {
	if math.IsNaN(c.Noise) || math.IsInf(c.Ratio, 0) {
		return "noise not known"
	}
	bar := []rune(strings.Repeat(" ", 2*barHalf+1))
	at := func(ratio float64) int {
		return min(2*barHalf, max(0, barHalf+int(math.Round((ratio-1)/barStep))))
	}
	for i := at(1 - c.Noise); i <= at(1+c.Noise); i++ {
		bar[i] = '-'
	}
	bar[barHalf] = '|'
	bar[at(c.Ratio)] = 'o'
	word := "within noise"
	switch {
	case !valid:
		word = "no verdict"
	case c.Significant() && c.Better():
		word = "better"
	case c.Significant():
		word = "worse"
	}
	return fmt.Sprintf("[%s] +-%.1f %% %s", string(bar), 100*c.Noise, word)
}
