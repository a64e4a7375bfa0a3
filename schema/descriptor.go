package schema

import "strconv"

// FieldKind says what a field's number means; PROTOCOL.md 3.3.
type FieldKind uint8

// The kinds, numbered as in protocol.fbs.
const (
	KindBool FieldKind = iota
	KindInt
	KindUint
	KindFloat
	KindQuantised
	KindAngle
	KindString
	KindQuat
)

// FieldFlags are the bits of Field.Flags.
type FieldFlags uint16

// The flags, numbered as in protocol.fbs.
const (
	FlagPredict FieldFlags = 1 << iota // snapped in the simulation, exact on the wire
	FlagOwner                          // in the owner part
	FlagOnce                           // sent when the row enters, then constant
	FlagEdge                           // inputs: cleared when an input is repeated
	FlagLerp                           // interpolated by the client
)

// Field describes one field of a table, of the input or of an event.
type Field struct {
	Name      string     `json:"name"` // as clients see it: "x", "hp", "pos.x"
	Kind      FieldKind  `json:"kind"`
	Bits      uint8      `json:"bits"`      // width: of the integer or float, of n for Quantised, of the turn for Angle, of each component for Quat
	Min       float64    `json:"min"`       // range for Quantised, and for integers that declare one (Min < Max)
	Max       float64    `json:"max"`       // end of that range; the length limit in bytes of a String
	Step      float64    `json:"step"`      // Quantised and Quat
	Tolerance uint16     `json:"tolerance"` // in 1/16 of a step; 7 for FlagPredict, at least 8 otherwise
	Flags     FieldFlags `json:"flags"`
	Count     uint16     `json:"count"` // array length; 0 is a scalar
}

// Has reports whether all bits of flags are set.
func (f *Field) Has(flags FieldFlags) bool { return f.Flags&flags == flags }

// wide reports whether a value takes two columns, its low and its high word.
func (f *Field) wide() bool {
	return f.Bits == 64 && (f.Kind == KindInt || f.Kind == KindUint || f.Kind == KindFloat)
}

// TableType describes one table, or one Single.
type TableType struct {
	Name   string  `json:"name"`
	Single bool    `json:"single"`
	Fields []Field `json:"fields"`
}

// EventType describes one event.
type EventType struct {
	Name       string  `json:"name"`
	FromClient bool    `json:"fromClient"`
	Timed      bool    `json:"timed"`
	Fields     []Field `json:"fields"`
}

// Descriptor lists a game's types in the order in which tables, columns and events
// are numbered on the wire. Its JSON form is for golden files and reports.
type Descriptor struct {
	Game   string      `json:"game"`
	Tables []TableType `json:"tables"`
	Input  []Field     `json:"input"`
	Events []EventType `json:"events"`
}

// Part is the share of a table that travels together: its public fields, or its
// owner fields; PROTOCOL.md 3.2. An owner part without columns still has rows: they
// tell a player which entities are its own.
type Part struct {
	Table   int  // index into Descriptor.Tables
	Owner   bool // the owner part
	Columns []Column
}

// Column is one number per row of a part; PROTOCOL.md 3.3.
type Column struct {
	Field     int    // index into the table's fields
	Element   int    // array element
	Component int    // 64-bit: 0 low, 1 high word; Quat: 0 index, 1..3 components; else 0
	Linear    bool   // has V and k: predicted by velocity
	String    bool   // R is an index into the group's strings
	Once      bool   // constant after enter
	Wrap      int32  // linear only: units in a turn, a power of two; 0 does not wrap
	Tolerance int32  // linear only, in units (1/16 step); 0 is lossless
	Q         int32  // linear only: units in a correction of 1, 2*Tolerance+1
	Name      string // "ships.x", "ships.pos.1", for reports
}

// Parts returns the parts and columns that the descriptor implies.
func (d *Descriptor) Parts() []Part {
	var parts []Part
	for t := range d.Tables {
		public := Part{Table: t}
		owner := Part{Table: t, Owner: true}
		for f := range d.Tables[t].Fields {
			p := &public
			if d.Tables[t].Fields[f].Has(FlagOwner) {
				p = &owner
			}
			p.Columns = appendColumns(p.Columns, &d.Tables[t], f)
		}
		parts = append(parts, public)
		if !d.Tables[t].Single || len(owner.Columns) > 0 {
			parts = append(parts, owner)
		}
	}
	return parts
}

// In reports whether a group of that kind (4.3) can have rows of the part: owner rows
// are in players' groups only, and cost nothing in all others.
func (p *Part) In(kind uint8) bool { return !p.Owner || kind == kindPlayer }

// kindPlayer is the kind of a group that one player sees.
const kindPlayer = 3

func appendColumns(cols []Column, t *TableType, field int) []Column {
	f := &t.Fields[field]
	for e := range max(1, int(f.Count)) {
		name := t.Name + "." + f.Name
		if f.Count > 0 {
			name += "." + strconv.Itoa(e)
		}
		c := Column{Field: field, Element: e, Once: f.Has(FlagOnce), Name: name}
		switch f.Kind {
		case KindString:
			c.String = true
			cols = append(cols, c)
		case KindQuantised:
			cols = append(cols, linear(c, f, 0))
		case KindAngle:
			cols = append(cols, linear(c, f, int32(1)<<(f.Bits+4)))
		case KindQuat:
			cols = append(cols, c)
			for i := 1; i <= 3; i++ {
				c.Component = i
				cols = append(cols, linear(c, f, 0))
			}
		case KindInt, KindUint, KindFloat:
			if !c.Once {
				c.Linear, c.Q = true, 1
			}
			cols = append(cols, c)
			if f.wide() {
				c.Component = 1
				cols = append(cols, c)
			}
		default:
			cols = append(cols, c)
		}
	}
	return cols
}

func linear(c Column, f *Field, wrap int32) Column {
	c.Linear, c.Wrap, c.Tolerance = true, wrap, int32(f.Tolerance)
	c.Q = 2*c.Tolerance + 1
	return c
}
