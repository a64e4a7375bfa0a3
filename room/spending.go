package room

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// Spending is where a game's bytes went, over all rooms of a node since it started. Made
// counts what was encoded, once however many it was for; Sent what conns were given.
type Spending struct {
	Game string `json:"game"`

	Frames    float64 `json:"frames"`    // bytes of all frames sent; of those
	Deltas    float64 `json:"deltas"`    // the deltas of groups and their prologues, which Fields and Overhead divide,
	Events    float64 `json:"events"`    // events,
	Envelopes float64 `json:"envelopes"` // and the rest: heads, clocks, welcomes

	Fields   []FieldSpending `json:"fields"`   // the dearest first
	Overhead []KindSpending  `json:"overhead"` // of deltas, in no field
	Groups   []KindSpending  `json:"groups"`   // deltas once more by kind of group, without prologues

	Hints []string `json:"hints"` // where a coarser step would save, in words
}

// FieldSpending is what a field of a table costs.
type FieldSpending struct {
	Table string  `json:"table"`
	Field string  `json:"field"`
	Made  float64 `json:"made"` // bytes
	Sent  float64 `json:"sent"`

	// Of a field with a step or, for an angle, bits: what coarser ones would save, as far
	// as a trial on some of the entities can tell.
	Step    float64  `json:"step,omitempty"`
	Bits    int      `json:"bits,omitempty"`
	Savings []Saving `json:"savings,omitempty"`
}

// Saving is what a coarser step would save. Shares are of bytes sent, 0 to 1; negative
// if it would cost more.
type Saving struct {
	Step    float64 `json:"step,omitempty"`
	Bits    int     `json:"bits,omitempty"`
	OfField float64 `json:"of_field"`
	OfAll   float64 `json:"of_all"` // of all frames
}

// KindSpending is what one kind of thing costs.
type KindSpending struct {
	Kind string  `json:"kind"`
	Made float64 `json:"made"` // bytes
	Sent float64 `json:"sent"`
}

// Spending returns what was told so far.
func (c *Cost) Spending() *Spending {
	s := &Spending{Game: c.game, Frames: float64(c.frames.Load()), Events: float64(c.events.Load())}
	for o := range delta.Overheads {
		s.Overhead = append(s.Overhead, c.kind(o.String(), c.place.Overhead(o)))
		s.Deltas += c.bytes(c.sent, c.place.Overhead(o))
	}
	for _, k := range delta.Kinds() {
		s.Groups = append(s.Groups, c.kind(k.String(), c.place.Kind(k)))
	}
	for part := range c.parts {
		s.Fields = append(s.Fields, c.fields(part, s.Frames)...)
	}
	for i := range s.Fields {
		s.Deltas += s.Fields[i].Sent
	}
	slices.SortStableFunc(s.Fields, func(a, b FieldSpending) int { return cmp.Compare(b.Sent, a.Sent) })
	s.Envelopes = max(0, s.Frames-s.Deltas-s.Events)
	s.Hints = s.hints()
	return s
}

func (c *Cost) kind(name string, place int) KindSpending {
	return KindSpending{Kind: name, Made: c.bytes(c.made, place), Sent: c.bytes(c.sent, place)}
}

// fields lists the fields of a part; columns of one field are added up.
func (c *Cost) fields(part int, all float64) []FieldSpending {
	table := &c.desc.Tables[c.parts[part].Table]
	var fields []FieldSpending
	last := -1
	for column := range c.parts[part].Columns {
		col := &c.parts[part].Columns[column]
		if col.Field != last {
			last = col.Field
			fields = append(fields, newFieldSpending(table, col))
		}
		f := &fields[len(fields)-1]
		sent := c.bytes(c.sent, c.place.Column(part, column))
		f.Made += c.bytes(c.made, c.place.Column(part, column))
		f.Sent += sent
		c.addSavings(f, part, column, sent)
	}
	for i := range fields {
		for j := range fields[i].Savings {
			v := &fields[i].Savings[j]
			v.OfAll = share(v.OfField, all)
			v.OfField = share(v.OfField, fields[i].Sent)
		}
	}
	return fields
}

// addSavings adds the bytes that coarser steps of a column would save; they become shares
// once all columns of the field are in.
func (c *Cost) addSavings(f *FieldSpending, part, column int, sent float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if sizes := c.sizes[part][column]; sizes != nil {
		for i := range f.Savings {
			f.Savings[i].OfField += sent * sizes.Saving(i+1)
		}
	}
}

func newFieldSpending(table *schema.TableType, col *schema.Column) FieldSpending {
	of := &table.Fields[col.Field]
	f := FieldSpending{Table: table.Name, Field: of.Name}
	switch of.Kind {
	case schema.KindAngle:
		f.Bits = int(of.Bits)
	case schema.KindQuantised, schema.KindQuat:
		f.Step = of.Step
	default:
		return f
	}
	scales := delta.ScalesOf(col)
	for _, scale := range scales[1:] {
		v := Saving{Step: f.Step * float64(scale)}
		if f.Bits > 0 {
			v.Bits = f.Bits - int(math.Log2(float64(scale)))
		}
		if v.Bits > 0 || v.Step > 0 {
			f.Savings = append(f.Savings, v)
		}
	}
	return f
}

func (c *Cost) bytes(bits []atomic.Uint64, place int) float64 { return float64(bits[place].Load()) / 8 }

// share is part of all, 0 if there is nothing.
func share(part, all float64) float64 {
	if all <= 0 {
		return 0
	}
	return part / all
}
