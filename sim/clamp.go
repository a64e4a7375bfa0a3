package sim

// ClampCount says how many values of a field were out of its range so far.
type ClampCount struct {
	Field string // "ships.x"
	Count uint64
}

// Clamped is the number of values brought into range so far: a cheap sign that
// ClampCounts has news.
func (i *Instance) Clamped() uint64 {
	var n uint64
	for _, s := range i.stores {
		for _, c := range s.clamps {
			n += c
		}
	}
	return n
}

// ClampCounts lists the fields that had values out of range, in the order of the
// descriptor.
func (i *Instance) ClampCounts() []ClampCount {
	var counts []ClampCount
	for _, s := range i.stores {
		for f, n := range s.clamps {
			if n > 0 {
				counts = append(counts, ClampCount{s.plan.name + "." + s.plan.fields[f].Name, n})
			}
		}
	}
	return counts
}
