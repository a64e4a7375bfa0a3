package report

import (
	"math"
	"slices"
)

const (
	// minSeconds is how many seconds of both runs a figure needs before its spread says
	// something.
	minSeconds = 5

	// batches is into how many parts a run is cut. Seconds depend on the ones before them;
	// parts of a long run do so less.
	batches = 10

	// fullLoad is the share of the most bots at once from which on a second counts: those of
	// the ramp differ for a reason.
	fullLoad = 0.9
)

// noise is how far the ratio of two runs of the same thing may be from 1: they differ by
// more in one of twenty. It comes from the spread inside each run. Runs also differ as
// wholes, so it is a lower bound. NaN: too few seconds know the figure.
func noise(f Figure, a, b *Report) float64 {
	if f.Second == nil {
		return math.NaN()
	}
	return 2 * math.Hypot(relativeError(f, a), relativeError(f, b))
}

// relativeError is the standard error of a run's figure as a share of it: that of the mean
// of the run's parts, or, of an extreme, the deviation of the parts' own extremes, which
// no number of parts makes smaller. It errs on the high side: the extreme of the whole is
// one of more seconds.
func relativeError(f Figure, r *Report) float64 {
	values := seconds(f, r)
	n := len(values)
	if n < minSeconds {
		return math.NaN()
	}
	parts := min(n, batches)
	var sum, squares float64
	for i := range parts {
		v := of(f, values[i*n/parts:(i+1)*n/parts])
		sum, squares = sum+v, squares+v*v
	}
	if sum == 0 {
		return 0
	}
	count := float64(parts)
	mean := sum / count
	variance := max(0, squares/count-mean*mean) * count / (count - 1)
	if f.Extreme {
		return math.Sqrt(variance) / mean
	}
	return math.Sqrt(variance/count) / mean
}

// of is the figure of a part of a run.
func of(f Figure, part []float64) float64 {
	if f.Extreme {
		return slices.Max(part)
	}
	sum := 0.0
	for _, v := range part {
		sum += v
	}
	return sum / float64(len(part))
}

// seconds lists a figure's values in the seconds under full load.
func seconds(f Figure, r *Report) []float64 {
	most := 0
	for i := range r.Timeline {
		most = max(most, r.Timeline[i].Bots.Live)
	}
	var values []float64
	for i := range r.Timeline {
		p := &r.Timeline[i]
		if v, known := f.Second(p); known && float64(p.Bots.Live) >= fullLoad*float64(most) {
			values = append(values, v)
		}
	}
	return values
}
