// Package stats sums up rounds of a measurement: the median, because one round in which
// the machine did something else must not move the figure, and the range of all of them,
// because a figure without its spread says nothing.
package stats

import (
	"fmt"
	"math"
	"slices"
)

// Summary is what remains of some rounds.
type Summary struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Rounds int     `json:"rounds"`
}

// Of sums values up; the zero Summary if there are none. Values that are no numbers are
// rounds that gave none.
func Of(values []float64) Summary {
	kept := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			kept = append(kept, v)
		}
	}
	if len(kept) == 0 {
		return Summary{}
	}
	slices.Sort(kept)
	return Summary{Median: median(kept), Low: kept[0], High: kept[len(kept)-1], Rounds: len(kept)}
}

// Ratios divides two measurements round by round: what disturbed one round disturbed
// both of its halves, more or less.
func Ratios(over, under []float64) Summary {
	n := min(len(over), len(under))
	values := make([]float64, n)
	for i := range values {
		values[i] = over[i] / under[i]
	}
	return Of(values)
}

// median of sorted values, of which there is at least one.
func median(sorted []float64) float64 {
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// String is the median with the range of the rounds, such as "4.12 (4.01-4.40)".
func (s Summary) String() string {
	switch s.Rounds {
	case 0:
		return "none"
	case 1:
		return Round(s.Median)
	}
	return fmt.Sprintf("%s (%s-%s)", Round(s.Median), Round(s.Low), Round(s.High))
}

// Round writes a figure with three digits, or all those before the point.
func Round(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e6, size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
