package directory

import (
	"math"
	"slices"
)

// Query is what to find. Zero fields ask for nothing.
type Query struct {
	Game   string
	Mode   string
	Region string
	Build  string
	Filter map[string]Condition // of properties, by name
	Free   int                  // at least so many free seats, in a room that takes people

	Sort      Sort
	Latencies map[string]float64 // milliseconds to each region, for ByLatency

	Fresh bool   // as the list is now, and not a moment ago
	After string // only rooms behind this one in their order; for ByRoom only
	Limit int    // at most so many; 0 is no limit
}

// Sort is an order of rooms.
type Sort int

// Orders of rooms; those that are equal in one are ordered by room.
const (
	ByRoom    Sort = iota
	ByFill         // fewest free seats first
	ByAge          // oldest first
	ByLatency      // nearest region first, then as ByFill; regions not measured are last
)

// Condition is what a property must be: one of In, or a number from Min to Max.
type Condition struct {
	In       []any // strings, float64s, bools
	Min, Max *float64
}

// Allows tells whether a property that a room has, or nil, is as asked for.
func (c Condition) Allows(value any) bool {
	if c.In != nil {
		return slices.Contains(c.In, value)
	}
	n, isNumber := value.(float64)
	return isNumber && (c.Min == nil || n >= *c.Min) && (c.Max == nil || n <= *c.Max)
}

// Wants tells whether q asks for a room.
func (q *Query) Wants(l *Listing) bool {
	switch {
	case l.Private,
		q.Game != "" && q.Game != l.Game,
		q.Mode != "" && q.Mode != l.Mode,
		q.Region != "" && q.Region != l.Region,
		q.Build != "" && q.Build != l.Build,
		q.Free > 0 && (l.Locked || l.Begun || l.Free() < q.Free),
		q.Sort == ByRoom && q.After != "" && l.Room <= q.After:
		return false
	}
	for name, c := range q.Filter {
		if !c.Allows(l.Properties[name]) {
			return false
		}
	}
	return true
}

// latency is how far a region is.
func (q *Query) latency(region string) float64 {
	if ms, measured := q.Latencies[region]; measured {
		return ms
	}
	return math.Inf(1)
}
