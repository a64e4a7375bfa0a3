package queue

import (
	"math"
	"sort"
)

// walk goes through a region's list from a skill outwards, the nearest first, and finds
// who is within reach of each other.
type walk struct {
	p             *pool
	region        int
	left, right   int32
	skill, window float64
	over          bool // there is nobody else
}

// walkFrom starts at an entry, which is not visited.
func (p *pool) walkFrom(region int, i int32) walk {
	e := &p.entries[i]
	s := p.spot(i, region)
	return walk{p: p, region: region, left: s.prev, right: s.next, skill: e.skill, window: e.window}
}

// walkAt starts at a skill.
func (p *pool) walkAt(region int, skill, window float64) walk {
	list := p.listed(region)
	at := sort.Search(len(list), func(i int) bool { return p.entries[list[i]].skill >= skill })
	w := walk{p: p, region: region, left: outside, right: outside, skill: skill, window: window}
	if at > 0 {
		w.left = list[at-1]
	}
	if at < len(list) {
		w.right = list[at]
	}
	return w
}

// listed is who was in a region's list when the round began, by skill. Who was removed
// since leads back into the list.
func (p *pool) listed(region int) []int32 {
	if p.lists == nil {
		p.lists = make([][]int32, len(p.regions))
	}
	list := p.lists[region]
	if list == nil {
		list = make([]int32, 0, len(p.entries))
		for i := range p.entries {
			if p.entries[i].near&(1<<region) != 0 {
				list = append(list, int32(i))
			}
		}
		p.lists[region] = list
	}
	return list
}

// next returns the next entry within reach. It takes a step for everybody it passes, and
// finds nobody once left of them are taken.
func (w *walk) next(left *int) (int32, bool) {
	for *left > 0 {
		*left--
		i, apart := w.nearer()
		if i == outside || apart > w.window {
			w.over = true
			return 0, false
		}
		if apart <= w.p.entries[i].window {
			return i, true
		}
	}
	return 0, false
}

// nearer is the nearer of the next on both sides, outside if there is none, and how far
// off it is.
func (w *walk) nearer() (int32, float64) {
	if w.left == outside && w.right == outside {
		return outside, 0
	}
	below, above := math.Inf(1), math.Inf(1)
	if w.left != outside {
		below = w.skill - w.p.entries[w.left].skill
	}
	if w.right != outside {
		above = w.p.entries[w.right].skill - w.skill
	}
	var i int32
	if w.right == outside || w.left != outside && below <= above {
		i, w.left = w.left, w.p.spot(w.left, w.region).prev
		return i, below
	}
	i, w.right = w.right, w.p.spot(w.right, w.region).next
	return i, above
}
