package results

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stats counts for metrics.
type stats struct {
	saved    atomic.Int64 // results that became durable
	unsaved  atomic.Int64 // attempts at that which failed
	lost     atomic.Int64 // results given up; nobody was told that they are saved
	attempts [][verdicts]atomic.Int64
}

func (s *stats) attempt(courier int, v Verdict) { s.attempts[courier][v].Add(1) }

// countTimeout bounds what a scrape of the metrics waits for a store.
const countTimeout = time.Second

// Describe implements prometheus.Collector. Sending nothing makes the registry check the
// names when they are collected.
func (*Service) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *Service) Collect(out chan<- prometheus.Metric) {
	one := func(kind prometheus.ValueType, name, help string, v float64) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("roomtick_"+name, help, nil, nil), kind, v)
	}
	one(prometheus.CounterValue, "results_saved_total", "Results of matches that were stored.", float64(s.stats.saved.Load()))
	one(prometheus.CounterValue, "results_unsaved_total", "Attempts to store a result that failed.", float64(s.stats.unsaved.Load()))
	one(prometheus.CounterValue, "results_lost_total", "Results given up before they were stored.", float64(s.stats.lost.Load()))
	attempts := prometheus.NewDesc("roomtick_result_attempts_total", "Attempts to deliver a result, by receiver and by what became of them.",
		[]string{"receiver", "verdict"}, nil)
	for i, c := range s.couriers {
		for v := range verdicts {
			out <- prometheus.MustNewConstMetric(attempts, prometheus.CounterValue,
				float64(s.stats.attempts[i][v].Load()), c.to.Name(), v.String())
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	n, oldest, err := s.store.Count(ctx)
	if err != nil {
		return // no figure is better than a wrong one
	}
	age := 0.0
	if n > 0 {
		age = time.Since(oldest).Seconds()
	}
	one(prometheus.GaugeValue, "results_waiting", "Results that were stored and not accepted by all receivers.", float64(n))
	one(prometheus.GaugeValue, "results_oldest_seconds", "How long the oldest of them has waited.", age)
}
