package proc

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxPage bounds a metrics page; a server's is some tens of kilobytes.
const maxPage = 4 << 20

// Metrics are the values of a metrics page by their full names, labels included.
type Metrics map[string]float64

// Scrape reads a metrics page.
func Scrape(ctx context.Context, url string) (Metrics, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("metrics: %s", resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return nil, err
	}
	return parseMetrics(string(text))
}

// parseMetrics reads the Prometheus text format: "name{labels} value" a line.
func parseMetrics(text string) (Metrics, error) {
	m := make(Metrics)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		if space < 0 {
			return nil, fmt.Errorf("metrics: no value in %q", line)
		}
		v, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
		m[line[:space]] = v
	}
	return m, nil
}

// Since returns what was added after an earlier look.
func (m Metrics) Since(before Metrics) Metrics {
	added := make(Metrics, len(m))
	for name, v := range m {
		added[name] = v - before[name]
	}
	return added
}

// Quantile estimates a quantile (0 to 1) of a histogram, as Prometheus does: evenly within
// a bucket. It is the last bucket's bound if it lies beyond, NaN if nothing was counted.
// labels are the histogram's own, such as `phase="step",`, or empty.
func (m Metrics) Quantile(name, labels string, q float64) float64 {
	type bucket struct{ bound, count float64 }
	var buckets []bucket
	for full, count := range m {
		rest, ok := strings.CutPrefix(full, name+"_bucket{"+labels+`le="`)
		if !ok {
			continue
		}
		if bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, `"}`), 64); err == nil {
			buckets = append(buckets, bucket{bound, count})
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return int(math.Copysign(1, a.bound-b.bound)) })
	if len(buckets) == 0 || buckets[len(buckets)-1].count == 0 {
		return math.NaN()
	}
	want := q * buckets[len(buckets)-1].count
	low := bucket{}
	for _, b := range buckets {
		if b.count >= want && b.count > low.count {
			if math.IsInf(b.bound, 1) {
				return low.bound
			}
			return low.bound + (b.bound-low.bound)*(want-low.count)/(b.count-low.count)
		}
		low = b
	}
	return low.bound
}
