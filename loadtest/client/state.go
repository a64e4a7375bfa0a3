package client

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// State is what a bot sees at one tick. It is valid only while Look's function runs.
type State struct {
	view *view
	errs []error // names that the game does not have, each once
}

// Tick is that of the newest snapshot.
func (s *State) Tick() uint32 { return s.view.tick }

// Seat is the bot's own.
func (s *State) Seat() uint16 { return s.view.welcome.Seat }

// Each calls do for every entity in view of a table, by the name that clients know
// ("ships"). A bot that does not decode sees none. An unknown table has none either, and
// is an error of Look.
func (s *State) Each(table string, do func(e Entity)) {
	known := false
	for number := range s.view.parts {
		part := &s.view.parts[number]
		t := &s.view.desc.Tables[part.Table]
		if part.Owner || t.Name != table {
			continue
		}
		known = true
		for g := range s.view.decoder.Groups() {
			for row, id := range g.IDs(number) {
				do(Entity{ID: id, state: s, table: t, public: place{g, number, row}})
			}
		}
	}
	if !known && s.view.decoder != nil {
		s.wrong("there is no table %q; known are %s", table, strings.Join(s.tables(), ", "))
	}
}

func (s *State) tables() []string {
	var names []string
	for i := range s.view.desc.Tables {
		names = append(names, s.view.desc.Tables[i].Name)
	}
	return names
}

// wrong notes what the scenario got wrong; what it does for each entity is noted once.
func (s *State) wrong(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, old := range s.errs {
		if old.Error() == err.Error() {
			return
		}
	}
	s.errs = append(s.errs, err)
}

// Entity is one row of a table, with the owner's fields if the bot owns it.
type Entity struct {
	ID     uint32
	state  *State
	table  *schema.TableType
	public place
}

// place is where a row is.
type place struct {
	group     *delta.Group
	part, row int
}

// Mine reports whether the entity is the bot's own: what the game's SetOwner gave to its
// player.
func (e Entity) Mine() bool {
	_, ok := e.owned()
	return ok
}

// owned is where the owner's fields are, if the bot owns the entity.
func (e Entity) owned() (place, bool) {
	part := e.public.part + 1 // a table's owner part follows on its public one
	parts := e.state.view.parts
	if part >= len(parts) || !parts[part].Owner {
		return place{}, false
	}
	for g := range e.state.view.decoder.Groups() {
		if row := slices.Index(g.IDs(part), e.ID); row >= 0 {
			return place{g, part, row}, true
		}
	}
	return place{}, false
}

// Number returns a field as the game has it: in its own units, true as 1. An owner's
// field of an entity that is not the bot's is 0. One that the table does not have, or
// that is no single number, is 0 too, and an error of Look.
func (e Entity) Number(field string) float64 {
	f, at, column := e.find(field)
	switch {
	case f == nil:
		return 0
	case f.Kind == schema.KindString || f.Kind == schema.KindQuat || f.Count > 0:
		e.state.wrong("%s.%s is %s: Number reads single numbers", e.table.Name, field, what(f))
		return 0
	case column < 0:
		return 0
	}
	r := at.group.R(at.part, column)[at.row]
	if f.Bits == 64 {
		return wide(f, uint64(uint32(r))|uint64(uint32(at.group.R(at.part, column+1)[at.row]))<<32)
	}
	return narrow(f, r)
}

// Text returns a string field. An owner's field of an entity that is not the bot's is "".
// One that the table does not have, or that is no string, is "" too, and an error of Look.
func (e Entity) Text(field string) string {
	f, at, column := e.find(field)
	switch {
	case f == nil:
		return ""
	case f.Kind != schema.KindString || f.Count > 0:
		e.state.wrong("%s.%s is %s: Text reads single strings", e.table.Name, field, what(f))
		return ""
	case column < 0:
		return ""
	}
	return at.group.Text(at.group.R(at.part, column)[at.row])
}

// what says what a field is.
func what(f *schema.Field) string {
	if f.Count > 0 {
		return fmt.Sprintf("an array of %d", f.Count)
	}
	return "of kind " + f.Kind.String()
}

// find looks a field up, and where its first column is: -1 if it is of an owner's row
// that the bot does not see. A nil field has been noted as wrong.
func (e Entity) find(name string) (f *schema.Field, at place, column int) {
	number := slices.IndexFunc(e.table.Fields, func(f schema.Field) bool { return f.Name == name })
	if number < 0 {
		var known []string
		for i := range e.table.Fields {
			known = append(known, e.table.Fields[i].Name)
		}
		e.state.wrong("there is no field %q in %s; known are %s", name, e.table.Name, strings.Join(known, ", "))
		return nil, place{}, -1
	}
	f, at = &e.table.Fields[number], e.public
	if f.Has(schema.FlagOwner) {
		var mine bool
		if at, mine = e.owned(); !mine {
			return f, at, -1
		}
	}
	columns := e.state.view.parts[at.part].Columns
	return f, at, slices.IndexFunc(columns, func(c schema.Column) bool { return c.Field == number })
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
