package client

import (
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/room/delta"
)

// bits says where the bits of the deltas went. Columns of one field, such as the words
// of a 64-bit one, are added up.
func (v *view) bits() report.DeltaBytes {
	all := report.NewDeltaBytes()
	n := v.bot.Counters.Counts()
	all.Updates = n.Updates
	all.Frames["deltas"] = n.Deltas
	all.Frames["events"] = n.Told
	all.Frames["envelope"] = n.Bytes - n.Deltas - n.Told
	if v.tally == nil {
		return all
	}
	for p := range v.parts {
		table := &v.desc.Tables[v.parts[p].Table]
		fields := all.Tables[table.Name]
		if fields == nil {
			fields = make(report.Fields)
			all.Tables[table.Name] = fields
		}
		for c := range v.parts[p].Columns {
			fields[table.Fields[v.parts[p].Columns[c].Field].Name] += int64(v.tally.Columns[p][c])
		}
	}
	for kind, n := range v.tally.Overhead {
		all.Overhead[delta.Overhead(kind).String()] += int64(n)
	}
	for kind, n := range v.tally.Kinds {
		all.Kinds[delta.Kind(kind).String()] += int64(n)
	}
	return all
}
