package html

import "math"

type rect struct{ x, y, w, h float64 }

// squarify divides a rectangle into one for each size, in their order and in proportion
// to them, as square as it goes: rows are laid along the shorter side, and a row takes
// another rectangle as long as that makes its worst one no more oblong (Bruls, Huizing,
// van Wijk: Squarified Treemaps, 2000). Sizes should be sorted, the largest first.
func squarify(sizes []float64, in rect) []rect {
	var left float64
	for _, s := range sizes {
		left += s
	}
	all := make([]rect, 0, len(sizes))
	for len(sizes) > 0 {
		side := min(in.w, in.h)
		unit := in.w * in.h / left // area of a size of 1
		n, row := 1, sizes[0]
		for n < len(sizes) && oblong(sizes[:n+1], row+sizes[n], unit, side) <= oblong(sizes[:n], row, unit, side) {
			row += sizes[n]
			n++
		}
		thick := row * unit / side
		along := 0.0
		for _, s := range sizes[:n] {
			length := s / row * side
			if in.w >= in.h {
				all = append(all, rect{in.x, in.y + along, thick, length})
			} else {
				all = append(all, rect{in.x + along, in.y, length, thick})
			}
			along += length
		}
		if in.w >= in.h {
			in.x, in.w = in.x+thick, in.w-thick
		} else {
			in.y, in.h = in.y+thick, in.h-thick
		}
		sizes, left = sizes[n:], left-row
	}
	return all
}

// oblong is the worst ratio of sides in a row of rectangles.
func oblong(row []float64, sum, unit, side float64) float64 {
	thick := sum * unit / side
	worst := 0.0
	for _, s := range row {
		length := s / sum * side
		worst = max(worst, length/thick, thick/length)
	}
	if math.IsNaN(worst) {
		return math.Inf(1)
	}
	return worst
}
