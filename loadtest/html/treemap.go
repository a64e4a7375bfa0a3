package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/roomtick/roomtick/loadtest/report"
)

// treemap shows where the bytes went: a rectangle's area is its share.
type treemap struct {
	Groups []mapGroup
	Note   string
}

// mapGroup is a table, or what belongs to no table.
type mapGroup struct {
	Name  string
	Class string
	Cells []mapCell
	total float64
}

// mapCell is a field. The rectangle is in per cent of the map.
type mapCell struct {
	X, Y, W, H     string
	Name           string
	Share, Rate    string
	Large, Visible bool // room for all the words; room for the name
	bits           float64
}

// Shape of the map: wide enough for a page, high enough for words.
const (
	mapWidth  = 1000.0
	mapHeight = 380.0
)

// treemapOf divides the bytes of all frames by tables and fields.
func treemapOf(r *report.Report) treemap {
	groups := mapGroups(&r.Delta)
	var all float64
	for _, g := range groups {
		all += g.total
	}
	if all == 0 {
		return treemap{}
	}
	sizes := make([]float64, len(groups))
	for i, g := range groups {
		sizes[i] = g.total
	}
	m := treemap{Note: fmt.Sprintf("%s a second and bot, %s an update of an entity.",
		amount(r.Totals.BytesPerSecond, "B"), amount(r.Totals.BytesPerUpdate, "B"))}
	for i, outer := range squarify(sizes, rect{0, 0, mapWidth, mapHeight}) {
		g := groups[i]
		inner := make([]float64, len(g.Cells))
		for j, c := range g.Cells {
			inner[j] = c.bits
		}
		for j, box := range squarify(inner, outer) {
			g.Cells[j].place(box, all, r.Totals.Live)
		}
		m.Groups = append(m.Groups, g)
	}
	return m
}

// mapGroups lists the tables, the largest first, and what has no table.
func mapGroups(d *report.DeltaBytes) []mapGroup {
	var groups []mapGroup
	for _, name := range slices.Sorted(maps.Keys(d.Tables)) {
		groups = append(groups, newMapGroup(name, d.Tables[name], 1))
	}
	slices.SortStableFunc(groups, func(a, b mapGroup) int { return cmp.Compare(b.total, a.total) })
	for i := range groups {
		groups[i].Class = [...]string{"a", "b", "c", "d", "e"}[i%5]
	}
	frames := maps.Clone(d.Frames)
	delete(frames, "deltas") // they are the tables and the overhead
	for _, rest := range []mapGroup{newMapGroup("overhead", d.Overhead, 1), newMapGroup("frame", frames, 8)} {
		rest.Class = "quiet"
		groups = append(groups, rest)
	}
	return slices.DeleteFunc(groups, func(g mapGroup) bool { return g.total == 0 })
}

func newMapGroup(name string, sizes map[string]int64, bits int64) mapGroup {
	g := mapGroup{Name: name}
	for _, field := range slices.Sorted(maps.Keys(sizes)) {
		if n := float64(sizes[field] * bits); n > 0 {
			g.Cells = append(g.Cells, mapCell{Name: field, bits: n})
			g.total += n
		}
	}
	slices.SortStableFunc(g.Cells, func(a, b mapCell) int { return cmp.Compare(b.bits, a.bits) })
	return g
}

func (c *mapCell) place(box rect, all, botSeconds float64) {
	c.X, c.W = percent(box.x/mapWidth), percent(box.w/mapWidth)
	c.Y, c.H = percent(box.y/mapHeight), percent(box.h/mapHeight)
	c.Share = percent(c.bits / all)
	c.Rate = amount(report.Ratio(c.bits/8, botSeconds), "B/s")
	c.Visible = box.w > 44 && box.h > 18
	c.Large = box.w > 84 && box.h > 48
}

// percent writes a share as a percentage with a tenth, or two digits if it is small.
func percent(share float64) string {
	if share < 0.001 {
		return fmt.Sprintf("%.2g%%", 100*share)
	}
	return fmt.Sprintf("%.1f%%", 100*share)
}
