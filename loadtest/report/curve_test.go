package report

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func near(got, want float64) bool { return math.Abs(got-want) <= want/50 }

func TestAKnownDistributionComesOutOfTheHistogram(t *testing.T) {
	// Exponential with a mean of 20 ms: the quantile q lies at -20 ln(1-q).
	rng := rand.New(rand.NewPCG(1, 1))
	h := NewHistogram()
	for range 200_000 {
		Record(h, time.Duration(rng.ExpFloat64()*20*float64(time.Millisecond)))
	}
	q := QuantilesOf(h)
	if !near(q.P50, -20*math.Log(0.5)) || !near(q.P99, -20*math.Log(0.01)) || q.N != 200_000 {
		t.Errorf("seed 1: %+v, want p50 13.86 and p99 92.1", q)
	}
	c := CurveOf(h)
	for i, p := range c.Percentile {
		if p < 1 || p > 99.5 {
			continue // the ends are too thin to know
		}
		if want := -20 * math.Log(1-p/100); math.Abs(c.Value[i]-want) > want/20+0.05 {
			t.Errorf("seed 1: %.2f %% at %.2f ms, want %.2f", p, c.Value[i], want)
		}
	}
	if last := c.Percentile[len(c.Percentile)-1]; last != 100 || c.N != q.N {
		t.Errorf("the curve ends at %v %%, %d values", last, c.N)
	}
}

func TestMergedHistogramsEqualOne(t *testing.T) {
	all, a, b := NewHistogram(), NewHistogram(), NewHistogram()
	for i := range 1000 {
		d := time.Duration(i) * time.Millisecond
		Record(all, d)
		if i%3 == 0 {
			Record(a, d)
		} else {
			Record(b, d)
		}
	}
	a.Merge(b)
	if QuantilesOf(a) != QuantilesOf(all) {
		t.Errorf("merged %+v, one %+v", QuantilesOf(a), QuantilesOf(all))
	}
}

func TestDurationsBeyondTheRangeCountAtItsEnds(t *testing.T) {
	h := NewHistogram()
	Record(h, -time.Second)
	Record(h, time.Hour)
	if q := QuantilesOf(h); q.N != 2 || !near(q.Max, 60_000) {
		t.Errorf("%+v", q)
	}
}

func TestAnEmptyCurveIsEmptyInJSONToo(t *testing.T) {
	if c := CurveOf(NewHistogram()); c.N != 0 || c.Value == nil || len(c.Value) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestASleeperIsLateForAllThatItMissed(t *testing.T) {
	h := NewHistogram()
	RecordCorrected(h, 205*time.Millisecond, 10*time.Millisecond)
	if h.TotalCount() != 20 || !near(QuantilesOf(h).Max, 205) {
		t.Errorf("%+v", QuantilesOf(h))
	}
}
