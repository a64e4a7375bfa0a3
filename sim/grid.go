package sim

import (
	"math"
	"slices"
)

const (
	// gridLevels bounds how large an entity may be: the cells of each level are
	// levelScale times as wide as those of the level below.
	gridLevels = 4
	levelScale = 4

	// gridRings are the view itself and the two rings around it.
	gridRings = 3

	// slackShare of a cell is how far an entity may be beyond its cell, and a player's
	// area behind where it looks, before either follows: what moves to and fro along a
	// border does not change groups with every step.
	slackShare = 1.0 / 16
)

// grid is the visibility grid of a game. Level 0 has cells of Config.CellSize, for
// points. Entities with a radius live on a higher level, the first whose reach is not
// less: a player sees a cell if its area, widened by the level's reach, touches it.
type grid struct {
	// Set once by newGrid.
	size  float32 // edge of a cell of level 0; 0: no grid
	slack float32
	halfX float32 // of a view
	halfY float32
	ring  float32 // width of a ring; 0: the view has none

	top int // the highest level that any entity has been on
}

func newGrid(c *Config) *grid {
	return &grid{
		size: c.CellSize, slack: c.CellSize * slackShare,
		halfX: c.ViewWidth / 2, halfY: c.ViewHeight / 2, ring: c.RingWidth,
	}
}

// sizeOf is the edge of a cell of a level, in world units.
func (g *grid) sizeOf(level int) float32 {
	size := g.size
	for range level {
		size *= levelScale
	}
	return size
}

// reachOf is how far an entity of a level may extend from where it is.
func (g *grid) reachOf(level int) float32 {
	if level == 0 {
		return 0
	}
	return g.sizeOf(level - 1)
}

// groupOf returns the group for an entity at a position, which is in group was.
// Entities too large for every level are seen by everyone.
func (g *grid) groupOf(was Group, x, y, radius float32) Group {
	level := 0
	for !(radius <= g.reachOf(level)) { // NaN is too large as well
		if level++; level == gridLevels {
			return Everyone
		}
	}
	size := g.sizeOf(level)
	if was.Kind() == KindCell {
		l, cx, cy := was.cell()
		if l == level && within(x, cx, size, g.slack) && within(y, cy, size, g.slack) {
			return was
		}
	}
	is := cellOf(level, cellAt(x, size), cellAt(y, size))
	g.note(is)
	return is
}

// note makes sure that players look for an entity's group.
func (g *grid) note(is Group) {
	if is.Kind() == KindCell {
		level, _, _ := is.cell()
		g.top = max(g.top, level)
	}
}

// within reports whether v lies in cell c or at most slack beyond it, along one axis.
func within(v float32, c int32, size, slack float32) bool {
	low := float32(c) * size
	return v >= low-slack && v < low+size+slack
}

// cellAt returns the index of the cell that holds v, along one axis.
func cellAt(v, size float32) int32 {
	c := math.Floor(float64(v) / float64(size))
	switch {
	case c != c:
		return 0
	case c < -cellLimit:
		return -cellLimit
	case c > cellLimit:
		return cellLimit
	}
	return int32(c)
}

// rect is a rectangle of cells, borders included.
type rect struct{ left, top, right, bottom int32 }

func (r rect) has(x, y int32) bool {
	return x >= r.left && x <= r.right && y >= r.top && y <= r.bottom
}

// area is what a player sees of the grid: by level, the cells of its view, and those
// up to the end of each ring.
type area [gridLevels][gridRings]rect

// areaAround returns the area of a view of 2 halfX by 2 halfY whose centre is at most
// the slack away from x, y.
func (g *grid) areaAround(x, y, halfX, halfY float32) (a area) {
	rings := 1
	if g.ring > 0 {
		rings = gridRings
	}
	for level := range a {
		size := g.sizeOf(level)
		for ring := range rings {
			// The player may be off the centre, and an entity beyond its cell.
			more := 2*g.slack + g.reachOf(level) + float32(ring)*g.ring
			a[level][ring] = rect{
				left: cellAt(x-halfX-more, size), right: cellAt(x+halfX+more, size),
				top: cellAt(y-halfY-more, size), bottom: cellAt(y+halfY+more, size),
			}
		}
		for ring := rings; ring < gridRings; ring++ {
			a[level][ring] = a[level][rings-1]
		}
	}
	return a
}

// cells is how many cells of level 0 a view of a size can touch, its rings included.
func (g *grid) cells(width, height float64) float64 {
	size, more := float64(g.size), 4*float64(g.slack)+4*float64(g.ring)
	return ((width+more)/size + 2) * ((height+more)/size + 2)
}

// appendCells appends the cells of an area that are not among those shown already.
func (g *grid) appendCells(dst []Sight, a *area, shown []Group) []Sight {
	for level := range g.top + 1 {
		rings := &a[level]
		all := rings[gridRings-1]
		for y := all.top; y <= all.bottom; y++ {
			for x := all.left; x <= all.right; x++ {
				every := uint8(1)
				for ring := 0; !rings[ring].has(x, y); ring++ {
					every *= 2
				}
				if c := cellOf(level, x, y); !slices.Contains(shown, c) {
					dst = append(dst, Sight{Group: c, Every: every})
				}
			}
		}
	}
	return dst
}
