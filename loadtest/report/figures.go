package report

import (
	"fmt"
	"slices"
	"strings"
)

// Figure is one number of a report that has a name, for assertions and comparisons.
type Figure struct {
	Name   string
	Unit   string // "ms", "B", "" ...
	Higher bool   // more is better
	Value  func(r *Report) (v float64, known bool)

	// Second is the same figure of one second, from which a comparison takes the noise;
	// nil if it has none. Extreme says that the run's is the largest of its seconds', and
	// not their mean: a longer run brings it no nearer to the truth.
	Second  func(p *Point) (v float64, known bool)
	Extreme bool
}

// Figures lists every figure there is.
func Figures() []Figure {
	var all []Figure
	for _, d := range distributions() {
		all = append(all, d.figures()...)
	}
	return append(append(append(all, totals()...), queueFigures()...), serverFigures()...)
}

// FigureOf finds a figure by name. An unknown name is an error that lists the known.
func FigureOf(name string) (Figure, error) {
	all := Figures()
	if i := slices.IndexFunc(all, func(f Figure) bool { return f.Name == name }); i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return Figure{}, fmt.Errorf("there is no figure %q, as in 'echo.p99<150ms'; known are %s", name, strings.Join(names, ", "))
}

// distribution is a histogram's place in a report and in its seconds.
type distribution struct {
	name   string
	total  func(r *Report) Quantiles
	second func(p *Point) Quantiles
}

func distributions() []distribution {
	return []distribution{
		{"join", func(r *Report) Quantiles { return r.Totals.JoinMS }, func(p *Point) Quantiles { return p.Join }},
		{"echo", func(r *Report) Quantiles { return r.Totals.EchoMS }, func(p *Point) Quantiles { return p.Echo }},
		{"effect", func(r *Report) Quantiles { return r.Totals.EffectMS }, func(p *Point) Quantiles { return p.Effect }},
		{"age", func(r *Report) Quantiles { return r.Totals.AgeMS }, func(p *Point) Quantiles { return p.Age }},
		{"gap", func(r *Report) Quantiles { return r.Totals.GapMS }, func(p *Point) Quantiles { return p.Gap }},
		{"resume", func(r *Report) Quantiles { return r.Totals.ResumeMS }, func(p *Point) Quantiles { return p.Resume }},
		{"lag", func(r *Report) Quantiles { return r.Totals.LagMS }, func(p *Point) Quantiles { return p.Lag }},
		{"tick", func(r *Report) Quantiles {
			if r.Server == nil {
				return Quantiles{}
			}
			return r.Server.TickMS
		}, func(p *Point) Quantiles {
			if p.Server == nil {
				return Quantiles{}
			}
			return p.Server.Tick
		}},
	}
}

func (d distribution) figures() []Figure {
	of := func(name string, pick func(q Quantiles) float64) Figure {
		return Figure{
			Name: d.name + "." + name, Unit: "ms",
			Value: func(r *Report) (float64, bool) {
				q := d.total(r)
				return pick(q), q.N > 0
			},
			Second: func(p *Point) (float64, bool) {
				q := d.second(p)
				return pick(q), q.N > 0
			},
		}
	}
	most := of("max", func(q Quantiles) float64 { return q.Max })
	most.Extreme = true
	return []Figure{
		of("p50", func(q Quantiles) float64 { return q.P50 }),
		of("p99", func(q Quantiles) float64 { return q.P99 }),
		most,
	}
}

func totals() []Figure {
	total := func(name, unit string, value func(t *Totals) float64, second func(p *Point) (float64, bool)) Figure {
		return Figure{Name: name, Unit: unit, Value: func(r *Report) (float64, bool) { return value(&r.Totals), true }, Second: second}
	}
	count := func(name string, value func(t *Totals) int64) Figure {
		return total(name, "", func(t *Totals) float64 { return float64(value(t)) }, nil)
	}
	reach := total("reach", "", func(t *Totals) float64 { return t.Reach },
		func(p *Point) (float64, bool) { return p.Reach, p.Bots.Live > 0 })
	reach.Higher = true
	joined := count("joined", func(t *Totals) int64 { return t.Joined })
	joined.Higher = true
	silence := total("silence", "ms", func(t *Totals) float64 { return t.Worst.Length },
		func(p *Point) (float64, bool) { return p.Gap.Max, p.Gap.N > 0 })
	silence.Extreme = true
	return []Figure{
		reach, joined, silence,
		count("not_in", func(t *Totals) int64 { return t.NotIn }),
		count("resumes", func(t *Totals) int64 { return t.Resumes }),
		count("resets", func(t *Totals) int64 { return t.Resets }),
		count("jumped", func(t *Totals) int64 { return t.Jumped }),
		count("faults", func(t *Totals) int64 { return sum(t.Faults) }),
		count("closes", func(t *Totals) int64 { return sum(t.Closes) }),
		count("mismatches", func(t *Totals) int64 { return t.Faults["hash"] }),
		total("bytes_per_bot_second", "B", func(t *Totals) float64 { return t.BytesPerSecond },
			func(p *Point) (float64, bool) { return Ratio(float64(p.Bytes), float64(p.Bots.Live)), p.Bots.Live > 0 }),
		total("bytes_per_update", "B", func(t *Totals) float64 { return t.BytesPerUpdate },
			func(p *Point) (float64, bool) { return Ratio(float64(p.Bytes), float64(p.Updates)), p.Updates > 0 }),
		total("own_cpu", "cores", func(t *Totals) float64 { return t.OwnCPU },
			func(p *Point) (float64, bool) { return p.OwnCPU, p.OwnCPU > 0 }),
	}
}

func serverFigures() []Figure {
	of := func(name, unit string, value func(s *Server) float64, second func(s *ServerPoint) float64) Figure {
		f := Figure{Name: name, Unit: unit, Value: func(r *Report) (float64, bool) {
			if r.Server == nil {
				return 0, false
			}
			return value(r.Server), true
		}}
		if second != nil {
			f.Second = func(p *Point) (float64, bool) {
				if p.Server == nil {
					return 0, false
				}
				return second(p.Server), true
			}
		}
		return f
	}
	memory := of("server_rss", "MB", func(s *Server) float64 { return s.MaxRSS }, func(s *ServerPoint) float64 { return s.RSS })
	memory.Extreme = true
	return []Figure{
		memory,
		of("server_cpu", "cores", func(s *Server) float64 { return s.CPU }, func(s *ServerPoint) float64 { return s.CPU }),
		of("server_skipped", "", func(s *Server) float64 { return float64(s.Skipped) }, nil),
		of("server_mismatches", "", func(s *Server) float64 { return float64(s.Mismatches) }, nil),
		{Name: "server_shared", Higher: true, Value: func(r *Report) (float64, bool) {
			if r.Server == nil {
				return 0, false
			}
			return r.Server.Shared()
		}},
	}
}

func sum[K comparable](m map[K]int64) int64 {
	var n int64
	for _, v := range m {
		n += v
	}
	return n
}
