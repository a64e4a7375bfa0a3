package swarm

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/report"
)

// sample is the metrics at one moment, by name and labels as they stand in the page.
type sample struct {
	at     time.Time
	values map[string]float64
}

// parseMetrics reads a page in Prometheus' text format. Lines that are none are left
// out.
func parseMetrics(page string) map[string]float64 {
	values := make(map[string]float64)
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		cut := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || cut < 0 {
			continue
		}
		if v, err := strconv.ParseFloat(line[cut+1:], 64); err == nil {
			values[line[:cut]] = v
		}
	}
	return values
}

func (m *sample) since(before *sample, name string) int64 {
	return int64(m.values[name] - before.values[name])
}

func (m *sample) cpuSince(before *sample) float64 {
	return report.Ratio(m.values[metricCPU]-before.values[metricCPU], m.at.Sub(before.at).Seconds())
}

// bucketParts is how many values stand for a bucket's: they are spread over it evenly,
// for want of a better guess.
const bucketParts = 8

// ticksSince turns the buckets of the tick times into a histogram.
func (m *sample) ticksSince(before *sample) *hdrhistogram.Histogram {
	type bucket struct {
		bound float64
		below int64 // ticks up to bound
	}
	var buckets []bucket
	for key := range m.values {
		if rest, ok := strings.CutPrefix(key, metricTick+"_bucket{le=\""); ok {
			if bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, "\"}"), 64); err == nil {
				buckets = append(buckets, bucket{bound, m.since(before, key)})
			}
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	h := report.NewHistogram()
	low, counted := 0.0, int64(0)
	for _, b := range buckets {
		n, high := b.below-counted, min(b.bound, 2*max(low, 1)) // the last one is unbounded
		for part := range int64(bucketParts) {
			share := n*(part+1)/bucketParts - n*part/bucketParts
			at := low + (high-low)*(float64(part)+0.5)/bucketParts
			report.RecordN(h, time.Duration(at*float64(time.Second)), share)
		}
		low, counted = b.bound, b.below
	}
	return h
}

// formsSince counts the deltas by their form.
func (m *sample) formsSince(before *sample) report.Forms {
	forms := make(report.Forms)
	for key := range m.values {
		if rest, ok := strings.CutPrefix(key, metricDeltas+"{form=\""); ok {
			forms[strings.TrimSuffix(rest, "\"}")] = m.since(before, key)
		}
	}
	return forms
}
