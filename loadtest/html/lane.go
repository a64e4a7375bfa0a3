package html

import (
	"math"
	"slices"

	"github.com/roomtick/roomtick/loadtest/report"
)

// lane is one strip of the timeline. All lanes share the axis of time.
type lane struct {
	Title  string
	Note   string // about the axis
	Who    string // "clients", "load test" or "server"
	First  bool   // of who
	Unit   string
	Series []series
	Ticks  []tick
	Height int
	Base   string
}

// series is a line in a lane.
type series struct {
	Name   string
	Class  string // its colour
	Path   string
	Run    string        // the whole run's figure
	values []float64     // NaN: not known
	of     pick          // one second's value
	whole  func() string // may be nil
	format func(v float64) string
}

// pick reads a figure from a second.
type pick func(p *report.Point) (float64, bool)

// Geometry of a lane, in the units of its viewBox.
const (
	laneWidth  = 1000
	laneHeight = 84
	laneTop    = 8
	laneBase   = laneHeight - 8
)

// plan is a lane before it is drawn.
type plan struct {
	who, title, unit string
	low              float64
	worstIsLow       bool                   // of the seconds in a column, the lowest value is shown
	format           func(v float64) string // nil: short
	series           []series
}

// lanesOf draws the lanes of which the run has values.
func lanesOf(r *report.Report, s span, columns [][]report.Point) []lane {
	var all []lane
	who := ""
	for _, p := range plans(r) {
		l, values := draw(&p, s, columns)
		if len(values) == 0 {
			continue
		}
		l.First = l.Who != who
		who = l.Who
		all = append(all, l)
	}
	return all
}

// draw makes a lane of a plan, and returns its known values.
func draw(p *plan, s span, columns [][]report.Point) (lane, []float64) {
	l := lane{Title: p.title, Who: p.who, Unit: p.unit, Height: laneHeight, Base: coordinate(laneBase)}
	var all []float64
	if p.format == nil {
		p.format = short
	}
	for _, line := range p.series {
		line.format = p.format
		line.values = make([]float64, len(columns))
		for i, column := range columns {
			line.values[i] = worst(column, line.of, p.worstIsLow)
			if !math.IsNaN(line.values[i]) {
				all = append(all, line.values[i])
			}
		}
		l.Series = append(l.Series, line)
	}
	a := newAxis(all, p.low, laneTop, laneBase)
	if a.log {
		l.Note = "log"
	}
	l.Ticks = a.ticks(3, p.format)
	for i := range l.Series {
		line := &l.Series[i]
		line.Path = path(s, line.values, &a)
		if line.whole != nil {
			line.Run = line.whole()
		}
	}
	return l, all
}

func path(s span, values []float64, a *axis) string {
	ys := make([]float64, len(values))
	for i, v := range values {
		ys[i] = math.NaN()
		if !math.IsNaN(v) {
			ys[i] = a.y(v)
		}
	}
	return line(s.xs, ys)
}

// worst is the value of a column of seconds that one would want to know of.
func worst(column []report.Point, of pick, low bool) float64 {
	var known []float64
	for i := range column {
		if v, ok := of(&column[i]); ok {
			known = append(known, v)
		}
	}
	switch {
	case len(known) == 0:
		return math.NaN()
	case low:
		return slices.Min(known)
	}
	return slices.Max(known)
}
