package queue

// walk goes through a region's list from a skill outwards, the nearest first, and finds
// who is within reach of each other.
type walk struct {
	nodes         []node
	left, right   int32
	skill, window float64
	over          bool // there is nobody else
}

// walkFrom starts at a node, which is not visited.
func walkFrom(l *list, at int32) walk {
	n := &l.nodes[at]
	return walk{nodes: l.nodes, left: n.prev, right: n.next, skill: n.skill, window: n.window}
}

// walkAt starts at a skill.
func walkAt(l *list, skill, window float64) walk {
	low, high := 0, len(l.nodes)
	for low < high {
		if mid := (low + high) / 2; l.nodes[mid].skill < skill {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return walk{nodes: l.nodes, left: int32(low - 1), right: l.edge(low), skill: skill, window: window}
}

func (l *list) edge(at int) int32 {
	if at >= len(l.nodes) {
		return outside
	}
	return int32(at)
}

// next returns the next entry within reach. It takes a step for everybody it passes, and
// finds nobody once left of them are taken.
func (w *walk) next(left *int) (int32, bool) {
	for *left > 0 {
		*left--
		n, apart := w.nearer()
		if n == nil || apart > w.window {
			w.over = true
			return 0, false
		}
		if apart <= n.window {
			return n.entry, true
		}
	}
	return 0, false
}

// nearer is the nearer of the next on both sides, nil if there is none.
func (w *walk) nearer() (*node, float64) {
	switch {
	case w.left == outside && w.right == outside:
		return nil, 0
	case w.right == outside || w.left != outside && w.skill-w.nodes[w.left].skill <= w.nodes[w.right].skill-w.skill:
		n := &w.nodes[w.left]
		w.left = n.prev
		return n, w.skill - n.skill
	}
	n := &w.nodes[w.right]
	w.right = n.next
	return n, n.skill - w.skill
}
