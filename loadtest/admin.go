package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The server's counters that say what a bot cannot see.
const (
	metricSkipped    = "roomtick_ticks_skipped_total"
	metricMismatches = "roomtick_hash_mismatches_total"

	// adminTimeout bounds one look at the metrics.
	adminTimeout = 10 * time.Second

	// maxMetrics bounds the page; a server's is some tens of kilobytes.
	maxMetrics = 4 << 20
)

// serverWord is what the server says of itself over a run: all its rooms, whoever
// plays in them. Not known unless the command line names the admin URL.
type serverWord struct {
	known      bool
	err        error // the URL was given, and did not answer
	skipped    int64 // tick periods given up
	mismatches int64 // hashes of clients found wrong
}

// since returns what was added after an earlier word.
func (w serverWord) since(before serverWord) serverWord {
	err := errors.Join(before.err, w.err)
	return serverWord{
		known: w.known && before.known, err: err,
		skipped: w.skipped - before.skipped, mismatches: w.mismatches - before.mismatches,
	}
}

// ask reads the counters from the metrics page below an admin URL; none if that is
// empty.
func ask(ctx context.Context, client *http.Client, admin string) serverWord {
	if admin == "" {
		return serverWord{}
	}
	page, err := metricsPage(ctx, client, admin)
	skipped, err1 := metric(page, metricSkipped)
	mismatches, err2 := metric(page, metricMismatches)
	if err == nil {
		err = errors.Join(err1, err2)
	}
	if err != nil {
		return serverWord{err: fmt.Errorf("admin: %w", err)}
	}
	return serverWord{known: true, skipped: skipped, mismatches: mismatches}
}

func metricsPage(ctx context.Context, client *http.Client, admin string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, adminTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(admin, "/")+"/metrics", nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("metrics: %s", resp.Status)
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, maxMetrics))
	return string(page), err
}

// metric returns one value of a metrics page: the line that starts with name and a
// space.
func metric(page, name string) (int64, error) {
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return int64(v), err
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}
