package dash

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/roomtick/roomtick/loadtest/report"
)

// maxLag is the scheduling lag in milliseconds above which a run proves nothing.
const maxLag = 5

// lowReach is the share of ticks below which somebody would notice.
const lowReach = 0.999

// row is one figure over time: its newest values as a sparkline, the newest as a number.
type row struct {
	label string
	unit  string
	of    func(p *report.Point) (value float64, known bool)
	bad   func(value float64) bool // nil: never

	live  *report.Live
	low   float64 // of the sparkline's scale, if no value is lower
	whole string  // figure of the whole run; may be empty
}

// rows lists what is drawn; the server's only if its metrics are known.
func rows(l *report.Live) []row {
	millis := func(q func(p *report.Point) report.Quantiles, pick func(q report.Quantiles) float64) func(p *report.Point) (float64, bool) {
		return func(p *report.Point) (float64, bool) {
			values := q(p)
			return pick(values), values.N > 0
		}
	}
	echo := func(p *report.Point) report.Quantiles { return p.Echo }
	lag := func(p *report.Point) report.Quantiles { return p.Lag }
	p50 := func(q report.Quantiles) float64 { return q.P50 }
	p99 := func(q report.Quantiles) float64 { return q.P99 }
	all := []row{
		{label: "echo p50", unit: "ms", of: millis(echo, p50), whole: ofRun(l.EchoMS, l.EchoMS.P50)},
		{label: "echo p99", unit: "ms", of: millis(echo, p99), whole: ofRun(l.EchoMS, l.EchoMS.P99)},
		{
			label: "reach", of: func(p *report.Point) (float64, bool) { return p.Reach, p.Bots.Live > 0 },
			bad: func(v float64) bool { return v < lowReach }, low: 0.99, whole: reachOfRun(l),
		},
		{label: "received", unit: "kB/s", of: func(p *report.Point) (float64, bool) { return float64(p.Bytes) / 1000, true }, whole: perBot(l)},
		{
			label: "own lag p99", unit: "ms", of: millis(lag, p99),
			bad: func(v float64) bool { return v > maxLag }, whole: ofRun(l.LagMS, l.LagMS.P99),
		},
		{label: "own CPU", unit: "cores", of: func(p *report.Point) (float64, bool) { return p.OwnCPU, p.OwnCPU > 0 }},
	}
	if l.Now.Server != nil {
		all = append(all,
			row{label: "server tick p99", unit: "ms", of: server(func(s *report.ServerPoint) float64 { return s.Tick.P99 })},
			row{label: "server CPU", unit: "cores", of: server(func(s *report.ServerPoint) float64 { return s.CPU })},
		)
	}
	for i := range all {
		all[i].live = l
	}
	return all
}

func server(of func(s *report.ServerPoint) float64) func(p *report.Point) (float64, bool) {
	return func(p *report.Point) (float64, bool) {
		if p.Server == nil {
			return 0, false
		}
		return of(p.Server), true
	}
}

// ofRun is a figure of the whole run so far, empty if nothing was measured.
func ofRun(q report.Quantiles, v float64) string {
	if q.N == 0 {
		return ""
	}
	return fmt.Sprintf("run %.1f", v)
}

// reachOfRun is empty if it is not known; a run that reached nobody shows it by its
// seconds.
func reachOfRun(l *report.Live) string {
	if l.Reach == 0 {
		return ""
	}
	return fmt.Sprintf("run %.4f", l.Reach)
}

func perBot(l *report.Live) string {
	return fmt.Sprintf("%.1f a bot", report.Ratio(float64(l.Now.Bytes)/1000, float64(l.Now.Bots.Live)))
}

// row draws one: label, sparkline, newest value, figure of the run.
func (v *view) row(r *row) {
	length := v.width - labelWidth - valueWidth - 2
	note := ""
	if v.width >= wideEnough {
		length -= noteWidth + 1
		note = fmt.Sprintf(" %*s", noteWidth, r.whole)
	}
	values := make([]float64, 0, length)
	recent := r.live.Recent
	for i := max(0, len(recent)-length); i < len(recent); i++ {
		x, known := r.of(&recent[i])
		if !known {
			x = math.NaN()
		}
		values = append(values, x)
	}
	low, high := scale(values, r.low)
	drawn := spark(values, low, high)
	drawn += strings.Repeat(" ", max(0, length-lipgloss.Width(drawn)))
	value, style := "-", v.palette.Dim
	if x, known := r.of(&v.live.Now); known {
		value, style = amount(x, r.unit), v.palette.Strong
		if r.bad != nil && r.bad(x) {
			style = v.palette.Bad
		}
	}
	v.line(fmt.Sprintf("%-*s ", labelWidth, r.label) + v.palette.Series.Render(drawn) + " " +
		style.Render(fmt.Sprintf("%*s", valueWidth, value)) + v.palette.Dim.Render(note))
}

// scale is the range of a sparkline: up to the highest value, and from low on or the
// lowest value if low is above 0, else from 0.
func scale(values []float64, low float64) (from, to float64) {
	known := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(known) == 0 {
		return low, low + 1
	}
	from, to = min(low, slices.Min(known)), slices.Max(known)
	if low > 0 {
		to = max(to, 1)
	}
	if to <= from {
		to = from + 1
	}
	return from, to
}

func amount(v float64, unit string) string {
	switch unit {
	case "ms":
		return fmt.Sprintf("%.1f ms", v)
	case "kB/s":
		return fmt.Sprintf("%.0f kB/s", v)
	case "cores":
		return fmt.Sprintf("%.2f cores", v)
	}
	return fmt.Sprintf("%.4f", v)
}

var levels = [...]rune{'▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'}

// spark draws values as bars; a value that is not known is a gap.
func spark(values []float64, low, high float64) string {
	var bars strings.Builder
	for _, v := range values {
		if math.IsNaN(v) {
			bars.WriteRune(' ')
			continue
		}
		level := int((v - low) / (high - low) * float64(len(levels)))
		bars.WriteRune(levels[min(max(level, 0), len(levels)-1)])
	}
	return bars.String()
}
