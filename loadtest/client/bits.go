package client

import (
	"github.com/roomtick/roomtick/room/delta"
)

// bits says where the bits of the deltas went, by column name and by kind of overhead.
// Columns of one name, such as the words of a 64-bit field, are added up.
func (v *view) bits() map[string]int64 {
	if v.tally == nil {
		return nil
	}
	all := make(map[string]int64)
	for p, part := range v.desc.Parts() {
		for c, column := range part.Columns {
			all[column.Name] += int64(v.tally.Columns[p][c])
		}
	}
	for kind, n := range v.tally.Overhead {
		all[delta.Overhead(kind).String()] += int64(n)
	}
	return all
}
