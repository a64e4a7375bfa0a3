package html

import "github.com/roomtick/roomtick/loadtest/report"

// plans lists the lanes from top to bottom: what players saw, what the load test itself
// did, and below them the server, so that a cause stands under its effect.
func plans(r *report.Report) []plan {
	t := &r.Totals
	all := []plan{
		{who: "clients", title: "bots", series: []series{
			{Name: "wanted", Class: "quiet", of: count(func(p *report.Point) int { return p.Bots.Wanted })},
			{Name: "live", Class: "a", of: count(func(p *report.Point) int { return p.Bots.Live })},
		}},
		quantiles("clients", "input echo", t.EchoMS, func(p *report.Point) report.Quantiles { return p.Echo }),
		quantiles("clients", "snapshot age", t.AgeMS, func(p *report.Point) report.Quantiles { return p.Age }),
		quantiles("clients", "snapshot gap", t.GapMS, func(p *report.Point) report.Quantiles { return p.Gap }),
		{who: "clients", title: "reach", low: 0.99, worstIsLow: true, format: share, series: []series{
			{Name: "reach", Class: "a", of: func(p *report.Point) (float64, bool) { return p.Reach, p.Bots.Live > 0 }, whole: func() string { return share(t.Reach) }},
		}},
		{who: "clients", title: "received", unit: "kB/s", series: []series{
			{Name: "all bots", Class: "a", of: func(p *report.Point) (float64, bool) { return float64(p.Bytes) / 1000, p.Bots.Live > 0 }},
		}},
		{who: "clients", title: "trouble", unit: "a second", series: []series{
			{Name: "errors", Class: "bad", of: trouble(func(p *report.Point) int64 { return sum(p.Errors) }, r, func(p *report.Point) int64 { return sum(p.Errors) + sum(p.Closes) })},
			{Name: "closes", Class: "b", of: trouble(func(p *report.Point) int64 { return sum(p.Closes) }, r, func(p *report.Point) int64 { return sum(p.Errors) + sum(p.Closes) })},
		}},
		{who: "load test", title: "own lag", unit: "ms", series: []series{
			{Name: "p99", Class: "b", of: func(p *report.Point) (float64, bool) { return p.Lag.P99, p.Lag.N > 0 }, whole: figure(t.LagMS.P99)},
		}},
	}
	return append(all, serverPlans(r)...)
}

func serverPlans(r *report.Report) []plan {
	tick := plan{who: "server", title: "tick", unit: "ms", series: []series{
		{Name: "p50", Class: "a", of: ofServer(func(s *report.ServerPoint) (float64, bool) { return s.Tick.P50, s.Tick.N > 0 })},
		{Name: "p99", Class: "b", of: ofServer(func(s *report.ServerPoint) (float64, bool) { return s.Tick.P99, s.Tick.N > 0 })},
	}}
	cpu := plan{who: "server", title: "CPU", unit: "cores", series: []series{
		{Name: "load test", Class: "quiet", of: func(p *report.Point) (float64, bool) { return p.OwnCPU, p.OwnCPU > 0 }},
		{Name: "server", Class: "a", of: ofServer(func(s *report.ServerPoint) (float64, bool) { return s.CPU, true })},
	}}
	memory := plan{who: "server", title: "memory", unit: "MB", series: []series{
		{Name: "RSS", Class: "a", of: ofServer(func(s *report.ServerPoint) (float64, bool) { return s.RSS, s.RSS > 0 })},
	}}
	if s := r.Server; s != nil {
		tick.series[0].whole, tick.series[1].whole = figure(s.TickMS.P50), figure(s.TickMS.P99)
		cpu.series[1].whole = figure(s.CPU)
		memory.series[0].whole = figure(s.MaxRSS)
	}
	cpu.series[0].whole = figure(r.Totals.OwnCPU)
	if r.Server == nil {
		cpu.who = "load test"
	}
	return []plan{tick, cpu, memory}
}

// quantiles is a lane of a distribution.
func quantiles(who, title string, run report.Quantiles, of func(p *report.Point) report.Quantiles) plan {
	of1 := func(value func(q report.Quantiles) float64) pick {
		return func(p *report.Point) (float64, bool) {
			q := of(p)
			return value(q), q.N > 0
		}
	}
	p := plan{who: who, title: title, unit: "ms", series: []series{
		{Name: "p50", Class: "a", of: of1(func(q report.Quantiles) float64 { return q.P50 })},
		{Name: "p99", Class: "b", of: of1(func(q report.Quantiles) float64 { return q.P99 })},
		{Name: "max", Class: "quiet", of: of1(func(q report.Quantiles) float64 { return q.Max })},
	}}
	if run.N > 0 {
		for i, v := range []float64{run.P50, run.P99, run.Max} {
			p.series[i].whole = figure(v)
		}
	}
	return p
}

// trouble is known only if the run had any, so that no lane stands there without.
func trouble(of func(p *report.Point) int64, r *report.Report, any func(p *report.Point) int64) pick {
	var all int64
	for i := range r.Timeline {
		all += any(&r.Timeline[i])
	}
	return func(p *report.Point) (float64, bool) { return float64(of(p)), all > 0 }
}

func ofServer(of func(s *report.ServerPoint) (float64, bool)) pick {
	return func(p *report.Point) (float64, bool) {
		if p.Server == nil {
			return 0, false
		}
		return of(p.Server)
	}
}

func count(of func(p *report.Point) int) pick {
	return func(p *report.Point) (float64, bool) { return float64(of(p)), true }
}

func figure(v float64) func() string {
	return func() string { return short(v) }
}

func sum[K comparable](m map[K]int64) int64 {
	var n int64
	for _, v := range m {
		n += v
	}
	return n
}
