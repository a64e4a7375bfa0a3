package html

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// tick is a labelled place on an axis.
type tick struct {
	At    string
	Label string
}

// axis maps values to the height of a chart, highest on top.
type axis struct {
	low, high float64
	log       bool
	top, base float64 // in the chart's units
}

// logAbove is how many times the median the highest value must be for a logarithmic
// axis: on a straight one, all but the peak would lie on the ground.
const logAbove = 12

// newAxis returns the axis on which all values fit; NaN is none. low is where it starts
// unless a value is lower.
func newAxis(values []float64, low, top, base float64) axis {
	known := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	a := axis{low: low, high: low + 1, top: top, base: base}
	if len(known) == 0 {
		return a
	}
	slices.Sort(known)
	most, median := known[len(known)-1], known[len(known)/2]
	if low == 0 && median > 0 && most > logAbove*median {
		least := known[slices.IndexFunc(known, func(v float64) bool { return v > 0 })]
		a.log = true
		a.low, a.high = math.Pow(10, math.Floor(math.Log10(least))), most*1.1
		return a
	}
	a.low = min(low, known[0])
	if most > a.low {
		a.high = a.low + (most-a.low)*1.05
	}
	return a
}

func (a *axis) y(v float64) float64 {
	share := (v - a.low) / (a.high - a.low)
	if a.log {
		share = math.Log(max(v, a.low)/a.low) / math.Log(a.high/a.low)
	}
	return a.base - share*(a.base-a.top)
}

// ticks returns labelled heights: about n of them, or each decade.
func (a *axis) ticks(n int, format func(v float64) string) []tick {
	var all []tick
	add := func(v float64) {
		all = append(all, tick{At: coordinate(a.y(v)), Label: format(v)})
	}
	if a.log {
		for v := a.low; v <= a.high; v *= 10 {
			add(v)
		}
		return all
	}
	step := niceStep((a.high - a.low) / float64(n))
	for i := math.Ceil(a.low / step); i*step <= a.high; i++ {
		add(i * step)
	}
	return all
}

// niceStep is the next 1, 2 or 5 times a power of ten.
func niceStep(rough float64) float64 {
	if rough <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= rough*0.999 {
			return m * power
		}
	}
	return 10 * power
}

// line is a path through the points; NaN interrupts it.
func line(xs, ys []float64) string {
	var d strings.Builder
	pen := 'M'
	for i, y := range ys {
		if math.IsNaN(y) {
			pen = 'M'
			continue
		}
		fmt.Fprintf(&d, "%c%s %s", pen, coordinate(xs[i]), coordinate(y))
		if pen == 'M' && (i+1 == len(ys) || math.IsNaN(ys[i+1])) {
			d.WriteString("h1") // alone, a point draws nothing
		}
		pen = 'L'
	}
	return d.String()
}

// coordinate writes a place in a chart: a tenth of a pixel is enough.
func coordinate(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// short writes a number with three digits or so.
func short(v float64) string {
	switch size := math.Abs(v); {
	case size >= 1e9:
		return digits(v/1e9) + "G"
	case size >= 1e6:
		return digits(v/1e6) + "M"
	case size >= 1e4:
		return digits(v/1e3) + "k"
	}
	return digits(v)
}

// share writes a share that is close to 1.
func share(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

func digits(v float64) string {
	decimals := 0
	for size := math.Abs(v); size < 100 && size != math.Trunc(size) && decimals < 4; decimals++ {
		size *= 10
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
