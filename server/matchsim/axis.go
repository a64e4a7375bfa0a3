package matchsim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// axis maps values to places in a chart.
type axis struct {
	low, high float64 // of the values
	from, to  float64 // in the chart's units
	log       bool
}

func (a axis) at(v float64) float64 {
	v = min(max(v, a.low), a.high)
	share := (v - a.low) / (a.high - a.low)
	if a.log {
		share = math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return a.from + share*(a.to-a.from)
}

// tick is a labelled place.
type tick struct{ At, Label string }

// ticks labels values that are round.
func (a axis) ticks(values []float64, label func(float64) string) []tick {
	var list []tick
	for _, v := range values {
		if v >= a.low*0.999 && v <= a.high*1.001 {
			list = append(list, tick{coordinate(a.at(v)), label(v)})
		}
	}
	return list
}

// waitTicks are the waits people think in, in seconds.
func waitTicks() []float64 {
	return []float64{0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600}
}

// nice returns round values between 0 and high, about n of them.
func nice(high float64, n int) []float64 {
	step := math.Pow(10, math.Floor(math.Log10(high/float64(n))))
	for _, m := range []float64{1, 2, 5, 10} {
		if high/(step*m) <= float64(n) {
			step *= m
			break
		}
	}
	var list []float64
	for v := 0.0; v <= high*1.001; v += step {
		list = append(list, v)
	}
	return list
}

// line is an SVG path through points; a place that is NaN interrupts it.
func line(xs, ys []float64) string {
	var d strings.Builder
	pen := 'M'
	for i, y := range ys {
		if math.IsNaN(y) {
			pen = 'M'
			continue
		}
		fmt.Fprintf(&d, "%c%s %s", pen, coordinate(xs[i]), coordinate(y))
		pen = 'L'
	}
	return d.String()
}

// area is the band between two lines.
func area(xs, upper, lower []float64) string {
	var d strings.Builder
	pen := 'M'
	add := func(x, y float64) {
		if !math.IsNaN(y) {
			fmt.Fprintf(&d, "%c%s %s", pen, coordinate(x), coordinate(y))
			pen = 'L'
		}
	}
	for i := range xs {
		add(xs[i], upper[i])
	}
	for i := len(xs) - 1; i >= 0; i-- {
		add(xs[i], lower[i])
	}
	if d.Len() == 0 {
		return ""
	}
	return d.String() + "Z"
}

func coordinate(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }
