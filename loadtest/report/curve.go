package report

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histograms count in units of 10 us up to a minute, to two digits: 17 KB each.
const (
	histogramUnit = 10 * time.Microsecond
	histogramTop  = int64(time.Minute / histogramUnit)

	// curveTicks is how many points a curve has for each halving of the distance to
	// 100 %, as the HDR logs of other tools have.
	curveTicks = 5
)

// NewHistogram returns an empty histogram of durations. Owned by one goroutine.
func NewHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, histogramTop, 2)
}

// Record adds a duration to a histogram made by NewHistogram; what is beyond the
// range counts as its end.
func Record(h *hdrhistogram.Histogram, d time.Duration) { RecordN(h, d, 1) }

// RecordN adds a duration n times.
func RecordN(h *hdrhistogram.Histogram, d time.Duration, n int64) {
	units := min(max(int64(d/histogramUnit), 0), histogramTop)
	_ = h.RecordValues(units, n) // in range by the line above
}

// RecordCorrected adds how late something was that should happen every so often, and
// how late each was that it missed meanwhile: asleep for a second, a probe of every
// 10 ms is late 100 times, by 1,000 ms down to 10 ms.
func RecordCorrected(h *hdrhistogram.Histogram, late, every time.Duration) {
	Record(h, late)
	if every <= 0 {
		return
	}
	for late -= every; late >= every; late -= every {
		Record(h, late)
	}
}

// Quantile returns a quantile (0 to 100) of a histogram made by NewHistogram.
func Quantile(h *hdrhistogram.Histogram, q float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(q)) * histogramUnit
}

// QuantilesOf reads a histogram made by NewHistogram.
func QuantilesOf(h *hdrhistogram.Histogram) Quantiles {
	ms := func(q float64) float64 { return milliseconds(h.ValueAtQuantile(q)) }
	return Quantiles{P50: ms(50), P99: ms(99), Max: ms(100), N: h.TotalCount()}
}

// CurveOf reads a histogram made by NewHistogram.
func CurveOf(h *hdrhistogram.Histogram) Curve {
	c := Curve{N: h.TotalCount(), Percentile: []float64{}, Value: []float64{}}
	if c.N == 0 {
		return c
	}
	for _, b := range h.CumulativeDistributionWithTicks(curveTicks) {
		c.Percentile = append(c.Percentile, b.Quantile)
		c.Value = append(c.Value, milliseconds(b.ValueAt))
	}
	return c
}

func milliseconds(units int64) float64 {
	return float64(units) * float64(histogramUnit) / float64(time.Millisecond)
}
