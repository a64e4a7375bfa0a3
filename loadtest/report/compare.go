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

// minSeconds is how many seconds of both runs a figure needs before its spread says
// something.
const minSeconds = 5

// noise is twice the standard error of the ratio of two means, taken from the spread
// of the figure over the seconds of each run: two runs of the same thing differ by
// more in one of twenty. Seconds are not independent and runs differ as wholes, so it
// is a lower bound.
func noise(f Figure, a, b *Report) float64 {
	if f.Second == nil {
		return math.NaN()
	}
	ea, na := relativeError(f, a)
	eb, nb := relativeError(f, b)
	if na < minSeconds || nb < minSeconds {
		return math.NaN()
	}
	return 2 * math.Hypot(ea, eb)
}

// relativeError is the standard error of the mean over a run's seconds, as a share of
// the mean.
func relativeError(f Figure, r *Report) (share float64, n int) {
	var sum, squares float64
	for i := range r.Timeline {
		if v, known := f.Second(&r.Timeline[i]); known {
			sum, squares, n = sum+v, squares+v*v, n+1
		}
	}
	if n < 2 || sum == 0 {
		return 0, n
	}
	mean := sum / float64(n)
	variance := max(0, squares/float64(n)-mean*mean) * float64(n) / float64(n-1)
	return math.Sqrt(variance/float64(n)) / mean, n
}

// WriteComparison writes the table of two runs.
func WriteComparison(w io.Writer, a, b *Report) error {
	var t strings.Builder
	for i, r := range []*Report{a, b} {
		if !r.Verdict.Valid {
			fmt.Fprintf(&t, "%s is INVALID: %s\n", "ab"[i:i+1], strings.Join(r.Verdict.Doubts, "; "))
		}
	}
	fmt.Fprintf(&t, "%-24s %12s %12s %8s  %s\n", "", "a", "b", "b/a", "noise")
	for _, c := range Compare(a, b) {
		fmt.Fprintf(&t, "%-24s %12s %12s %8s  %s\n", c.Name, amount(c.A, c.Unit), amount(c.B, c.Unit), times(c.Ratio), c.bar())
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func amount(v float64, unit string) string {
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

// bar draws the noise as a bracket around 1 and the ratio as a mark in or outside of it.
func (c *Comparison) bar() string {
	if math.IsNaN(c.Noise) || math.IsInf(c.Ratio, 0) {
		return "no seconds to tell"
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
	case c.Significant() && c.Better():
		word = "better"
	case c.Significant():
		word = "worse"
	}
	return fmt.Sprintf("[%s] +-%.1f %% %s", string(bar), 100*c.Noise, word)
}
