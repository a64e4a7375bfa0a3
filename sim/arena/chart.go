package arena

import (
	"slices"

	"github.com/roomtick/roomtick/sim"
)

const (
	sectorSize = 400 // units: a ship looks for rocks in a few sectors, each of which has a few
	sectors    = Size / sectorSize
)

// chart finds the rocks near a point without a look at each of them: with thousands of
// rocks and hundreds of ships that would be most of a tick. It follows from the rocks and
// is in no checkpoint. Where nobody has drawn one up, on a client's copy of the room, all
// rocks are near: to look at each of them once is cheaper than to chart them.
type chart struct {
	from  []int32  // by sector, row by row: where in rocks its own begin; the last two are the end
	rocks []sim.ID // by sector, and as in their table within one
	stale bool     // rocks came since it was drawn up
}

// survey draws up the chart. The rocks are counted by sector, then each is put into its
// place: nothing is allocated once there were as many.
func (a *Arena) survey() {
	c := &a.chart
	if c.from == nil {
		c.from = make([]int32, sectors*sectors+2)
	}
	clear(c.from)
	// Two ahead of its sector: filling moves each beginning to the end, which is where the
	// next sector begins.
	for _, r := range a.Rocks.All() {
		c.from[r.sector()+2]++
	}
	for i := range sectors * sectors {
		c.from[i+2] += c.from[i+1]
	}
	c.rocks = slices.Grow(c.rocks[:0], a.Rocks.Len())[:a.Rocks.Len()]
	for id, r := range a.Rocks.All() {
		at := &c.from[r.sector()+1]
		c.rocks[*at] = id
		*at++
	}
	c.stale = false
}

func (r *Rock) sector() int { return sectorAt(r.Y)*sectors + sectorAt(r.X) }

// Save keeps nothing beside the plain data: the chart can be drawn up again.
func (a *Arena) Save() []byte { return nil }

// Load draws up the chart of a restored match.
func (a *Arena) Load([]byte) error {
	a.survey()
	return nil
}

// nearby is a square of the world, by its middle and half its width.
type nearby struct {
	arena       *Arena
	x, y, reach float32
}

// rocks yields the rocks whose middle is in the square, and some beside it. It is ranged over
// as it stands: a function that returned it would allocate.
func (n nearby) rocks(yield func(sim.ID, *Rock) bool) {
	c := &n.arena.chart
	if c.from == nil {
		n.arena.Rocks.All()(yield)
		return
	}
	left, right := sectorAt(n.x-n.reach), sectorAt(n.x+n.reach)
	for row := sectorAt(n.y - n.reach); row <= sectorAt(n.y+n.reach); row++ {
		for _, id := range c.rocks[c.from[row*sectors+left]:c.from[row*sectors+right+1]] {
			// One that was shot since is gone.
			if r := n.arena.Rocks.Get(id); r != nil && !yield(id, r) {
				return
			}
		}
	}
}

// sectorAt returns the sector of a coordinate, the outermost for what is outside.
func sectorAt(v float32) int { return int(min(max(v, 0), Size-1)) / sectorSize }
