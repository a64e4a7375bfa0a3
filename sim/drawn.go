package sim

import (
	"math"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// How the SDK tells a jump from a motion (smooth.ts): more than farShare of a field's range
// in a tick, and more than burst times what it moved in a tick before. And how long it
// carries a motion on when no snapshot comes (interpolate.ts).
const (
	farShare     = 1.0 / 64
	burst        = 8
	carrySeconds = 0.1
)

// rewinding is what a world has to rewind with.
type rewinding struct {
	history History
	drawn   Drawn
	columns [3][][]int32 // R of Prior, Before and After, a column of one row each
	carry   float64      // ticks for which clients carry a motion on
	slowest float64      // the same where snapshots come more seldom
}

// Indices of columns.
const (
	drawnPrior = iota
	drawnBefore
	drawnAfter
)

// prepare makes room for the widest table.
func (m *rewinding) prepare(cfg *Config, tables []*tablePlan) {
	m.carry = float64(cfg.TickRate) * carrySeconds
	m.slowest = 4 * float64(cfg.TickRate/cfg.SendRate)
	most := 0
	for _, t := range tables {
		most = max(most, len(t.public))
	}
	for i, snapshot := range []*Snapshot{&m.drawn.Prior, &m.drawn.Before, &m.drawn.After} {
		snapshot.R, m.columns[i] = make([]int32, most), nil
		for c := range most {
			m.columns[i] = append(m.columns[i], snapshot.R[c:c+1])
		}
	}
}

// drawnField is an element of a public field as clients draw it.
type drawnField struct {
	mirrorField
	smooth bool
	far    float64 // units of R in a tick that are a jump; infinite if nothing is
}

// drawnFields lists those of a public part. Texts are left out: what they stood for is not
// in the history.
func (d *Definition) drawnFields(p *schema.Part) (all []drawnField) {
	fields := d.desc.Tables[p.Table].Fields
	for _, m := range d.mirrorPart(d.desc, p).fields {
		f := &fields[p.Columns[m.column].Field]
		if f.Kind == schema.KindString {
			continue
		}
		all = append(all, drawnField{mirrorField: m, smooth: isSmooth(f), far: farOf(f)})
	}
	return all
}

// isSmooth reports whether clients draw a field between two snapshots.
func isSmooth(f *schema.Field) bool {
	switch f.Kind {
	case schema.KindFloat, schema.KindQuantised, schema.KindAngle, schema.KindQuat:
		return f.Has(schema.FlagLerp)
	case schema.KindInt, schema.KindUint:
		return f.Has(schema.FlagLerp) && f.Bits < 64
	}
	return false
}

func farOf(f *schema.Field) float64 {
	switch span := (f.Max - f.Min) * farShare; {
	case !(span > 0), !isSmooth(f):
	case f.Kind == schema.KindQuantised:
		return span / f.Step * subUnits
	case f.Kind == schema.KindInt || f.Kind == schema.KindUint:
		return span
	}
	return math.Inf(1)
}

// draw sets the fields of entity to what was drawn at a view. other is scratch.
func (m *rewinding) draw(t *tablePlan, at View, entity, other unsafe.Pointer) {
	from, share := m.way(t, at)
	one, two := [1]mirrorRow{{base: entity}}, [1]mirrorRow{{base: other}}
	for i := range t.drawn {
		f := &t.drawn[i]
		f.set(one[:], m.columns[drawnBefore], nil)
		if f.smooth && share != 0 {
			f.set(two[:], m.columns[from], nil)
			f.to.mix(entity, other, share)
		}
	}
}

// way says how a view differs from Before: by a share of the way to another snapshot. If
// there is none after it, clients carry the motion on for a while.
func (m *rewinding) way(t *tablePlan, at View) (other int, share float64) {
	d := &m.drawn
	since := max(0, float64(int32(at.Tick-d.Before.Tick))+float64(at.Part)/256)
	switch {
	case d.After.Known && !t.jumps(&d.Before, &d.After, &d.Prior):
		return drawnAfter, min(since/d.After.since(&d.Before), 1)
	case !d.After.Known && d.Prior.Known && !t.jumps(&d.Prior, &d.Before, &Snapshot{}):
		apart := d.Before.since(&d.Prior)
		return drawnPrior, -min(since, max(m.carry, min(apart, m.slowest))) / apart
	}
	return drawnAfter, 0
}

func (s *Snapshot) since(earlier *Snapshot) float64 { return float64(s.Tick - earlier.Tick) }

// jumps reports whether an entity got from one snapshot to another other than by moving.
// prior is one before both.
func (t *tablePlan) jumps(from, to, prior *Snapshot) bool {
	ticks := to.since(from)
	for i := range t.drawn {
		f := &t.drawn[i]
		way := apart(from.R[f.column], to.R[f.column])
		if way <= f.far*ticks {
			continue
		}
		usual := 0.0
		if prior.Known {
			usual = apart(prior.R[f.column], from.R[f.column]) / from.since(prior)
		}
		if way > float64(f.far*ticks)+float64(usual*burst*ticks) {
			return true
		}
	}
	return false
}

func apart(a, b int32) float64 { return math.Abs(float64(b) - float64(a)) }

// mix brings a value at base by a share nearer to that at to. Angles and quaternions go
// the shorter way.
func (l *leaf) mix(base, to unsafe.Pointer, share float64) {
	switch l.kind {
	case schema.KindInt, schema.KindUint:
		from := l.int(base)
		l.setInt(base, from+int64(math.Round(float64(l.int(to)-from)*share)))
	case schema.KindQuat:
		mixQuats(l.quat(base), l.quat(to), share)
	default:
		from := l.float(base)
		way := l.float(to) - from
		if l.kind == schema.KindAngle {
			way -= float64(math.Round(way/(2*math.Pi)) * (2 * math.Pi))
		}
		l.setFloat(base, from+float64(way*share))
	}
}

func mixQuats(q, to *[4]float32, share float64) {
	dot := 0.0
	for i := range q {
		dot += float64(float64(q[i]) * float64(to[i]))
	}
	sign := 1.0
	if dot < 0 {
		sign = -1
	}
	var mixed [4]float32
	for i := range q {
		from := float64(q[i])
		mixed[i] = float32(from + float64((sign*float64(to[i])-from)*share))
	}
	unit, _ := normalise(&mixed)
	for i := range q {
		q[i] = float32(unit[i])
	}
}
