package html

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/roomtick/roomtick/loadtest/report"
)

// sample is a run of so many seconds, whose server stood still for two of them.
func sample(seconds int) *report.Report {
	rng := rand.New(rand.NewPCG(1, 1))
	echo, age, tick := report.NewHistogram(), report.NewHistogram(), report.NewHistogram()
	r := &report.Report{
		Version: report.Version, Verdict: report.Verdict{OK: true, Valid: true, Checks: []report.Assertion{{Text: "reach>0.999", Value: 0.99987, Holds: true}}},
		Config: report.Config{
			Args: []string{"-bots", "1000"}, URL: "http://127.0.0.1:8080", Game: "arena", Play: "wander", Decode: true, Bots: 1000,
			Ramp: []report.RampLeg{{}, {Second: 10, Bots: 1000}}, Seconds: float64(seconds), StartedAt: "2026-01-01T00:00:00Z",
			Storms: []report.Storm{{Second: 20, Share: 0.5}},
		},
		Software: report.Software{Go: "go1.26", Revision: "abc", OS: "linux", Arch: "amd64", Cores: 2, GOMAXPROCS: 2, Protocol: "roomtick.v1"},
		Server:   &report.Server{TickMS: report.Quantiles{P50: 2, P99: 4, Max: 9, N: 100}, CPU: 0.8, MaxRSS: 130, Deltas: report.Forms{"step": 90, "jump": 10}, Encodings: 4},
		Delta: report.DeltaBytes{
			Updates: 100, Tables: map[string]report.Fields{
				"ships":   {"x": 400_000, "y": 380_000, "heading": 300_000, "hp": 20_000, "name": 900},
				"bullets": {"x": 200_000, "y": 190_000}, "rocks": {"x": 90_000, "y": 80_000, "spin": 20_000},
			},
			Overhead: map[string]int64{"enter": 60_000, "leave": 20_000, "prologue": 30_000},
			Frames:   map[string]int64{"deltas": 223_000, "events": 9_000, "envelope": 20_000},
		},
	}
	for i := range seconds {
		p := report.Point{
			T: float64(i + 1), Bots: report.Bots{Wanted: min(1000, 100*(i+1)), Live: min(1000, 100*i)},
			Reach: 1 - rng.Float64()/5000, Bytes: int64(min(1000, 100*i)) * 900, OwnCPU: 0.9 + rng.Float64()/10,
			Lag:    report.Quantiles{P50: 0.1, P99: 1 + rng.Float64(), Max: 3, N: 10},
			Server: &report.ServerPoint{Tick: report.Quantiles{P50: 2 + rng.Float64(), P99: 4 + rng.Float64(), N: 20}, CPU: 0.7 + rng.Float64()/10, RSS: 100 + float64(i)},
		}
		stall := 0.0
		if i == 24 || i == 25 {
			stall = 2000
		}
		for range 200 {
			ms := 30 + 10*rng.ExpFloat64() + stall*rng.Float64()
			report.Record(echo, time.Duration(ms*float64(time.Millisecond)))
			report.Record(age, time.Duration(rng.ExpFloat64()*float64(4*time.Millisecond)))
			report.Record(tick, time.Duration(rng.ExpFloat64()*float64(2*time.Millisecond)))
		}
		p.Echo = report.Quantiles{P50: 37 + stall/2, P99: 60 + rng.Float64()*20 + stall, Max: 90 + rng.Float64()*30 + stall, N: 200}
		p.Age = report.Quantiles{P50: 3 + stall/2, P99: 16 + stall, Max: 30 + stall, N: 200}
		p.Gap = report.Quantiles{P50: 50, P99: 54 + stall, Max: 60 + stall, N: 200}
		if i == 19 {
			p.Errors = map[string]int64{"input skipped": 12}
			p.Closes = map[int]int64{1006: 500}
		}
		r.Timeline = append(r.Timeline, p)
	}
	r.Curves.Echo, r.Curves.Age, r.Curves.Tick = report.CurveOf(echo), report.CurveOf(age), report.CurveOf(tick)
	r.Totals = report.Totals{
		Joins: 1000, Joined: 1000, Rooms: 20, Live: 1000 * math.Max(1, float64(seconds)), Due: 600_000, Received: 599_000, Reach: 0.99987,
		EchoMS: report.QuantilesOf(echo), AgeMS: report.QuantilesOf(age), BytesPerSecond: 900, BytesPerUpdate: 1.4, OwnCPU: 0.93,
		LagMS: report.Quantiles{P50: 0.1, P99: 1.9, Max: 4, N: 1000}, Closes: map[int]int64{1006: 500},
		Worst: report.Silence{Bot: "bot 17", Room: "abc", From: 24.03, Length: 2013},
	}
	return r
}
