package report

import (
	"cmp"
	"maps"
	"slices"
)

// Spending is where the server's own bytes went during the run, beside what the bots
// decoded: it knows what was encoded once for many.
type Spending struct {
	Fields   map[string]Counted `json:"fields"`   // of deltas, by "table.field"
	Overhead map[string]Counted `json:"overhead"` // of deltas, in no field
	Groups   map[string]Counted `json:"groups"`   // of deltas once more by kind of group, prologues apart
	Hints    []string           `json:"hints"`    // where a coarser step would save, in words
}

// Counted is bytes.
type Counted struct {
	Encoded int64 `json:"encoded"` // an encoding counts once
	Sent    int64 `json:"sent"`    // and here for everybody who got it
}

// NewSpending returns an empty one.
func NewSpending() *Spending {
	return &Spending{Fields: make(map[string]Counted), Overhead: make(map[string]Counted), Groups: make(map[string]Counted), Hints: []string{}}
}

// Deltas returns the bytes of all deltas.
func (s *Spending) Deltas() (all Counted) {
	for _, part := range []map[string]Counted{s.Fields, s.Overhead} {
		for _, n := range part {
			all.Encoded += n.Encoded
			all.Sent += n.Sent
		}
	}
	return all
}

// Dearest lists the names for which most was sent, the dearest first, without those for
// which nothing was.
func Dearest(counted map[string]Counted) []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(counted)), func(name string) bool { return counted[name].Sent == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counted[b].Sent, counted[a].Sent) })
	return names
}
