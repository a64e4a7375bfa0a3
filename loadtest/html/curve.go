package html

import (
	"math"
	"strings"

	"github.com/roomtick/roomtick/loadtest/report"
)

// curves is the chart of whole distributions: per cent on an axis on which each nine
// takes the same room, as tails are what it is about.
type curves struct {
	Lines  []curveLine
	Xs, Ys []tick
	Note   string
}

type curveLine struct {
	Name, Class, Path string
	N                 string
}

// Geometry of the chart, in the units of its viewBox.
const (
	curveWidth = 1000
	curveTop   = 10
	curveBase  = 290
)

func curvesOf(r *report.Report) curves {
	all := []struct {
		name, class string
		curve       *report.Curve
	}{
		{"input echo", "a", &r.Curves.Echo}, {"effect", "b", &r.Curves.Effect},
		{"snapshot age", "c", &r.Curves.Age}, {"snapshot gap", "d", &r.Curves.Gap},
		{"join", "e", &r.Curves.Join}, {"resume", "bad", &r.Curves.Resume},
		{"server tick", "quiet", &r.Curves.Tick},
	}
	var values []float64
	nines := 2.0
	for _, one := range all {
		values = append(values, one.curve.Value...)
		if one.curve.N > 0 {
			nines = max(nines, math.Ceil(math.Log10(float64(one.curve.N))))
		}
	}
	if len(values) == 0 {
		return curves{}
	}
	a := newAxis(values, 0, curveTop, curveBase)
	c := curves{Xs: nineTicks(nines), Ys: a.ticks(6, short)}
	if a.log {
		c.Note = " The axis of time is logarithmic."
	}
	for _, one := range all {
		if one.curve.N == 0 {
			continue
		}
		c.Lines = append(c.Lines, curveLine{
			Name: one.name, Class: one.class, N: short(float64(one.curve.N)),
			Path: curvePath(one.curve, nines, &a),
		})
	}
	return c
}

// curvePath draws a distribution; its last point, 100 %, stands where the rarest of its
// values would.
func curvePath(c *report.Curve, nines float64, a *axis) string {
	xs, ys := make([]float64, len(c.Value)), make([]float64, len(c.Value))
	last := math.Log10(max(10, float64(c.N)))
	for i, v := range c.Value {
		xs[i] = curveX(c.Percentile[i], nines, last)
		ys[i] = a.y(v)
	}
	return line(xs, ys)
}

// curveX is where a percentile stands when the axis has so many nines.
func curveX(percentile, nines, last float64) float64 {
	depth := last
	if percentile < 100 {
		depth = min(last, -math.Log10(1-percentile/100))
	}
	return depth / nines * curveWidth
}

// nineTicks labels 0, 50, 90, 99, 99.9 and so on.
func nineTicks(nines float64) []tick {
	all := []tick{
		{At: "0", Label: "0 %"},
		{At: coordinate(curveX(50, nines, nines)), Label: "50 %"},
		{At: coordinate(curveX(90, nines, nines)), Label: "90 %"},
	}
	for n := 2; n <= int(nines); n++ {
		label := "99"
		if n > 2 {
			label += "." + strings.Repeat("9", n-2)
		}
		all = append(all, tick{At: coordinate(float64(n) / nines * curveWidth), Label: label + " %"})
	}
	return all
}
