package sim

import (
	"math"

	"github.com/roomtick/roomtick/schema"
)

// fine is how many parts of a step a measured value is told in: finer than the wire's
// grid, so that a recording has what the simulation had.
const fine = 64

// Measure describes one number of a table's entities, as Measure tells it: what an
// integer is worth, and which error its tag allows on the wire. Its JSON form is a
// field of a trace.
type Measure struct {
	Name      string  `json:"name"`
	Unit      float64 `json:"unit"`
	Step      float64 `json:"step,omitempty"`
	Tolerance float64 `json:"tolerance,omitempty"`
	Kind      string  `json:"kind,omitempty"`    // "quat" for the first of a quaternion's four, "angle"
	Predict   bool    `json:"predict,omitempty"` // snapped to whole steps

	leaf      *leaf
	component int
}

// Measures lists the numbers of a table's public part; texts are left out. Fields
// without a step are lossless, told by their bits.
func (s *Store) Measures() []Measure {
	var all []Measure
	taken := map[*leaf]bool{}
	for i, c := range s.plan.public {
		if c.kind == schema.KindString || c.kind == schema.KindQuat && taken[c.leaf] {
			continue
		}
		taken[c.leaf] = true
		m := Measure{Name: s.plan.columnName(i), Unit: 1, leaf: c.leaf, component: c.component}
		switch c.kind {
		case schema.KindQuantised:
			m.tag(s.plan, c.step)
		case schema.KindAngle:
			m.Kind = "angle"
			m.tag(s.plan, 2*math.Pi/float64(int64(1)<<c.bits))
		case schema.KindQuat:
			all = append(all, m.quat(s.plan)...)
			continue
		}
		all = append(all, m)
	}
	return all
}

// columnName is a public column's name without its table's.
func (t *tablePlan) columnName(column int) string {
	d := schema.Descriptor{Tables: []schema.TableType{{Name: "", Fields: t.fields}}}
	c := d.Parts()[0].Columns[column]
	name := c.Name[1:] // a dot follows the table's name
	if f := &t.fields[c.Field]; f.Bits == 64 && f.Kind != schema.KindQuantised {
		name += [2]string{".low", ".high"}[c.Component]
	}
	return name
}

// tag takes over what a field's tag says. Published state may be off by the tolerance,
// and by what rounding to 1/16 step adds.
func (m *Measure) tag(t *tablePlan, step float64) {
	m.Unit, m.Step = step/fine, step
	if m.leaf.exact {
		m.Predict = true
		return
	}
	m.Tolerance = (float64(t.fields[m.leaf.field].Tolerance) + 0.5) / subUnits * step
}

func (m *Measure) quat(t *tablePlan) []Measure {
	four := make([]Measure, 4)
	for i, name := range [...]string{"x", "y", "z", "w"} {
		four[i] = Measure{Name: m.Name + "." + name, leaf: m.leaf, component: i}
		four[i].tag(t, m.leaf.step)
		four[i].Predict = false // what follows from the others is on no grid
		if m.leaf.exact {
			four[i].Tolerance = (predictTolerance + 0.5) / subUnits * m.leaf.step
		}
	}
	four[0].Kind = "quat"
	return four
}

// Measure writes the numbers of the entity in a slot as the simulation has them, before
// anything is clamped or quantised, in the order and the units of Measures.
func (s *Store) Measure(measures []Measure, slot uint32, dst []int32) {
	base := s.at(slot)
	for i := range measures {
		m := &measures[i]
		l := m.leaf
		switch l.kind {
		case schema.KindQuantised:
			dst[i] = inUnits(l.float(base), m.Unit)
		case schema.KindAngle:
			dst[i] = inUnits(math.Remainder(l.float(base), 2*math.Pi), m.Unit)
		case schema.KindQuat:
			dst[i] = inUnits(float64(l.quat(base)[m.component]), m.Unit)
		case schema.KindFloat:
			c := column{l, m.component}
			dst[i] = c.half(l.bitsOf(l.float(base)))
		default:
			c := column{l, m.component}
			dst[i] = c.half(uint64(l.int(base)))
		}
	}
}

// inUnits rounds; what an int32 cannot hold becomes the nearest that it can but the
// smallest, which is not a number in a trace. NaN becomes 0.
func inUnits(v, unit float64) int32 {
	if v != v {
		return 0
	}
	return int32(math.Round(min(max(v/unit, -math.MaxInt32), math.MaxInt32)))
}

// LiveSlots appends the slots in use to dst, ascending.
func (s *Store) LiveSlots(dst []uint32) []uint32 {
	for slot := range s.entries {
		if s.entries[slot].Live {
			dst = append(dst, uint32(slot))
		}
	}
	return dst
}
