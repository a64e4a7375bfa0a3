package sim

import (
	"reflect"

	"github.com/roomtick/roomtick/schema"
)

// record is a struct type compiled for the wire: its fields in order and their leaves.
type record struct {
	fields []schema.Field
	leaves []leaf  // elements of the fields, in order
	first  []int   // by field: its first leaf
	edges  []int   // leaves with the edge flag
	layout *layout // of the whole struct; nil for events
}

// add appends a field whose elements are of type t and its leaves.
func (r *record) add(f schema.Field, t reflect.Type, offset uintptr, payload bool) {
	field := len(r.fields)
	r.fields = append(r.fields, f)
	r.first = append(r.first, len(r.leaves))
	for e := range max(1, int(f.Count)) {
		l := newLeaf(field, &f, t.Kind(), offset+uintptr(e)*t.Size())
		l.exact = l.exact || payload
		if l.edge {
			r.edges = append(r.edges, len(r.leaves))
		}
		r.leaves = append(r.leaves, l)
	}
}

// leaf returns an element of a field.
func (r *record) leaf(field, element int) *leaf { return &r.leaves[r.first[field]+element] }

// column is a column of a part, with the leaf it comes from.
type column struct {
	*leaf
	component int
}

// tablePlan is a table's type compiled.
type tablePlan struct {
	record
	name     string
	goField  string // of the game's struct, by which checkpoints know the table
	size     uintptr
	number   int // in the descriptor
	public   []column
	owner    []column
	snapped  []*leaf // predict fields
	drawn    []drawnField
	isSingle bool
}

// columnsOf returns the columns of one of the table's parts.
func (t *tablePlan) columnsOf(owner bool) []column {
	if owner {
		return t.owner
	}
	return t.public
}

// setPart compiles a part of the descriptor.
func (t *tablePlan) setPart(p *schema.Part) {
	cols := make([]column, len(p.Columns))
	for i, c := range p.Columns {
		cols[i] = column{leaf: t.leaf(c.Field, c.Element), component: c.Component}
	}
	if p.Owner {
		t.owner = cols
	} else {
		t.public = cols
	}
}
