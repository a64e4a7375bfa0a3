package sim

import (
	"math"
	"reflect"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// mirrorPart says where the columns of a server's part go.
type mirrorPart struct {
	table  int // -1 if the game has no such table
	owner  bool
	fields []mirrorField
}

// mirrorField sets one element of a field from the columns of the server.
type mirrorField struct {
	to     *leaf
	from   leaf // as the server's descriptor has it: its range, step and bits
	column int  // the first
}

// mirrorPart matches a part of a server's descriptor with the game's fields by name.
func (d *Definition) mirrorPart(desc *schema.Descriptor, p *schema.Part) mirrorPart {
	t := &desc.Tables[p.Table]
	m := mirrorPart{table: d.tableNamed(t.Name), owner: p.Owner}
	if m.table < 0 {
		return m
	}
	plan := d.tables[m.table]
	for i := range p.Columns {
		c := &p.Columns[i]
		if c.Component != 0 {
			continue
		}
		f := &t.Fields[c.Field]
		if to := plan.named(f.Name, c.Element); to != nil && matches(to.kind, f.Kind) {
			from := newLeaf(0, f, to.goKind, to.offset)
			m.fields = append(m.fields, mirrorField{to: to, from: from, column: i})
		}
	}
	return m
}

func (d *Definition) tableNamed(name string) int {
	for i, t := range d.tables {
		if t.name == name {
			return i
		}
	}
	return -1
}

// named returns an element of a field by the field's name on the wire.
func (r *record) named(name string, element int) *leaf {
	for i := range r.fields {
		if r.fields[i].Name == name && element < max(1, int(r.fields[i].Count)) {
			return r.leaf(i, element)
		}
	}
	return nil
}

// matches reports whether a value of the server's kind can be put into a field.
func matches(to, from schema.FieldKind) bool { return family(to) == family(from) }

// family names the kinds that share a Go representation.
func family(k schema.FieldKind) schema.FieldKind {
	switch k {
	case schema.KindBool, schema.KindUint:
		return schema.KindInt
	case schema.KindQuantised, schema.KindAngle:
		return schema.KindFloat
	}
	return k
}

// set decodes the rows of one field: column by column, so that what kind it is is asked
// once and not for every value.
func (f *mirrorField) set(rows []mirrorRow, columns [][]int32, text func(int32) string) {
	r := columns[f.column]
	switch f.from.kind {
	case schema.KindBool, schema.KindInt, schema.KindUint:
		f.setInts(rows, columns)
	case schema.KindFloat:
		for _, at := range rows {
			f.to.setFloat(at.base, floatFrom(f.wide(columns, at.row), f.from.bits))
		}
	case schema.KindQuantised:
		for _, at := range rows {
			f.to.setFloat(at.base, f.from.value(r[at.row]))
		}
	case schema.KindAngle:
		for _, at := range rows {
			f.to.setFloat(at.base, f.from.angleValue(r[at.row]))
		}
	case schema.KindString:
		for _, at := range rows {
			if s := text(r[at.row]); s != f.to.string(at.base) {
				f.to.setString(at.base, s)
			}
		}
	case schema.KindQuat:
		f.setQuats(rows, columns)
	}
}

func (f *mirrorField) setInts(rows []mirrorRow, columns [][]int32) {
	if f.to.goKind != reflect.Uint8 || f.from.kind != schema.KindUint {
		for _, at := range rows {
			f.to.setInt(at.base, f.from.signed(f.wide(columns, at.row)))
		}
		return
	}
	for _, at := range rows { // most small numbers of a game are this
		*(*uint8)(unsafe.Add(at.base, f.to.offset)) = uint8(columns[f.column][at.row])
	}
}

func (f *mirrorField) setQuats(rows []mirrorRow, columns [][]int32) {
	for _, at := range rows {
		c := quatCode{index: columns[f.column][at.row] & 3}
		for i := range c.r {
			c.r[i] = columns[f.column+1+i][at.row]
		}
		*f.to.quat(at.base) = f.from.quatValue(c)
	}
}

// wide joins the words of a value of up to 64 bits.
func (f *mirrorField) wide(columns [][]int32, row int) uint64 {
	v := uint64(uint32(columns[f.column][row]))
	if f.from.bits == 64 {
		v |= uint64(uint32(columns[f.column+1][row])) << 32
	}
	return v
}

// floatFrom turns IEEE bits of a width into a number.
func floatFrom(b uint64, width uint) float64 {
	if width == 32 {
		return float64(math.Float32frombits(uint32(b)))
	}
	return math.Float64frombits(b)
}
