package stats

import (
	"math"
	"testing"
)

func TestOfTakesTheMedianAndTheRange(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Summary
	}{
		{nil, Summary{}},
		{[]float64{3}, Summary{3, 3, 3, 1}},
		{[]float64{9, 1, 4}, Summary{4, 1, 9, 3}},
		{[]float64{4, 1, 2, 100}, Summary{3, 1, 100, 4}},
		{[]float64{math.NaN(), 2, math.Inf(1)}, Summary{2, 2, 2, 1}},
	} {
		if got := Of(c.values); got != c.want {
			t.Errorf("Of(%v) = %+v, want %+v", c.values, got, c.want)
		}
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	got := Ratios([]float64{20, 60, 9}, []float64{10, 20})
	if want := (Summary{2.5, 2, 3, 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFiguresAreWrittenWithThreeDigits(t *testing.T) {
	for want, s := range map[string]Summary{
		"none":             {},
		"4":                {4, 4, 4, 1},
		"4.12 (0.50-40.6)": {4.123, 0.5, 40.56, 3},
		"1234 (100-20000)": {1234.4, 100, 20000, 2},
	} {
		if got := s.String(); got != want {
			t.Errorf("%+v is written %q, want %q", s, got, want)
		}
	}
}

func TestEntropyIsShannons(t *testing.T) {
	for _, c := range []struct {
		counts Counts
		want   float64
	}{
		{Counts{}, 0},
		{Counts{5: 10}, 0},
		{Counts{0: 7, 1: 7}, 1},
		{Counts{-1: 1, 0: 2, 1: 1}, 1.5},
	} {
		if got := c.counts.Entropy(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("entropy of %v is %v, want %v", c.counts, got, c.want)
		}
	}
}
