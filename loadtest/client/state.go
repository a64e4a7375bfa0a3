package client

import (
	"math"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// State is what a bot sees at one tick. It is valid only while Look's function runs.
type State struct{ view *view }

// Tick is that of the newest snapshot.
func (s *State) Tick() uint32 { return s.view.tick }

// Seat is the bot's own.
func (s *State) Seat() uint16 { return s.view.welcome.Seat }

// Each calls do for every entity in view of a table, by the name that clients know
// ("ships"). An unknown table has none.
func (s *State) Each(table string, do func(e Entity)) {
	if s.view.decoder == nil {
		return
	}
	for number := range s.view.parts {
		part := &s.view.parts[number]
		if t := &s.view.desc.Tables[part.Table]; t.Name == table && !part.Owner {
			for g := range s.view.decoder.Groups() {
				for row, id := range g.IDs(number) {
					do(Entity{ID: id, group: g, table: t, part: part, number: number, row: row})
				}
			}
		}
	}
}

// Entity is one row of a table: its public fields.
type Entity struct {
	ID     uint32
	group  *delta.Group
	table  *schema.TableType
	part   *schema.Part
	number int
	row    int
}

// Number returns a field as the game has it: in its own units, true as 1. A field that
// is not there, or is no single number, is 0.
func (e Entity) Number(field string) float64 {
	for c := range e.part.Columns {
		f := &e.table.Fields[e.part.Columns[c].Field]
		if f.Name != field || f.Kind == schema.KindString || f.Kind == schema.KindQuat || f.Count > 0 {
			continue
		}
		r := e.group.R(e.number, c)[e.row]
		if f.Bits == 64 {
			return wide(f, uint64(uint32(r))|uint64(uint32(e.group.R(e.number, c+1)[e.row]))<<32)
		}
		return narrow(f, r)
	}
	return 0
}

// Text returns a string field, "" if there is none.
func (e Entity) Text(field string) string {
	for c := range e.part.Columns {
		if f := &e.table.Fields[e.part.Columns[c].Field]; f.Name == field && f.Kind == schema.KindString {
			return e.group.Text(e.group.R(e.number, c)[e.row])
		}
	}
	return ""
}

func narrow(f *schema.Field, r int32) float64 {
	switch f.Kind {
	case schema.KindQuantised:
		return f.Min + float64(r)/16*f.Step
	case schema.KindAngle:
		return math.Ldexp(float64(r)/16*2*math.Pi, -int(f.Bits))
	case schema.KindFloat:
		return float64(math.Float32frombits(uint32(r)))
	case schema.KindUint:
		return float64(uint32(r))
	}
	return float64(r)
}

func wide(f *schema.Field, v uint64) float64 {
	switch f.Kind {
	case schema.KindFloat:
		return math.Float64frombits(v)
	case schema.KindUint:
		return float64(v)
	}
	return float64(int64(v))
}
