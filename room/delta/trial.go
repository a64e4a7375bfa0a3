package delta

import (
	"math"

	"github.com/roomtick/roomtick/schema"
)

const (
	scales    = 4  // steps that a column is tried at, its own first
	trialRows = 64 // rows of a part that take part: enough for a distribution
	settling  = 8  // send ticks until a row that is new to the trial counts
)

// Sizes counts the residuals of a column: for each scale that its step was tried at,
// whether another column of the row had one, how long ago the value was corrected, and
// by the bits of the magnitude.
type Sizes [scales][2][idleKinds][33]uint64

// Who else in a row has a residual.
const (
	alone = iota // nobody: that the row is awake at all is this column's doing
	accompanied
)

// Add adds what was counted elsewhere.
func (s *Sizes) Add(o *Sizes) {
	for scale := range s {
		for with := range s[scale] {
			for age := range s[scale][with] {
				for size, n := range o[scale][with][age] {
					s[scale][with][age][size] += n
				}
			}
		}
	}
}

// Saving returns which share of a column's bits it would save to make its step coarser
// by the scale of that index, negative if that would cost more; 0 if nothing was counted.
// What waking rows costs is part of what is saved, though it is no column's.
func (s *Sizes) Saving(scale int) float64 {
	own := s.own()
	if own == 0 {
		return 0
	}
	return (s.price(0) - s.price(scale)) / own
}

// price is the bits that a coder takes which knows the frequencies, with those that say
// which rows are awake.
func (s *Sizes) price(scale int) float64 {
	bits := 0.0
	for with := range s[scale] {
		for age := range s[scale][with] {
			bits += sizesPrice(&s[scale][with][age])
		}
	}
	return bits
}

// own is what the column itself takes of that now: what it takes of rows that are awake.
func (s *Sizes) own() float64 {
	bits := 0.0
	for age := range idleKinds {
		sizes := s[0][accompanied][age]
		for size, n := range s[0][alone][age][1:] {
			sizes[size+1] += n
		}
		bits += sizesPrice(&sizes)
	}
	return bits
}

// sizesPrice is the entropy of the sizes, then a sign and what follows the leading one.
func sizesPrice(sizes *[33]uint64) float64 {
	bits, total := 0.0, 0.0
	for size, n := range sizes {
		if n > 0 {
			total += float64(n)
			bits += float64(n) * (float64(size) - math.Log2(float64(n)))
		}
	}
	if total > 0 {
		bits += total * math.Log2(total)
	}
	return bits
}

// Trial finds out what coarser steps would save. It follows some rows of one stream at a
// time and publishes their values at several steps, for the sizes of the residuals alone:
// a residual that is halved is not one bit shorter if it falls within the tolerance, and
// what the tolerance hides moves on from elsewhere. Owned by the goroutine that owns the
// stream.
type Trial struct {
	stream  *Stream
	parts   [][]trialColumn // a column without scales is not tried
	known   []int           // by part, rows that are followed
	newness [][]uint8       // by part and row, send ticks until it counts
	begins  [][]bool        // by part and row: another entity is in it now
}

type trialColumn struct {
	predict bool
	scale   [scales]int32 // 0 in a column that is not tried
	rule    [scales]rule
	state   [scales][3][]int32 // R, V, k by row
	size    [scales][]uint8    // of this send tick's residual, by row
	age     [scales][]uint8    // before it
	counted *Sizes
}

// NewTrial tries the columns of these parts that have a step.
func NewTrial(parts []schema.Part) *Trial {
	t := &Trial{
		parts: make([][]trialColumn, len(parts)), known: make([]int, len(parts)),
		newness: make([][]uint8, len(parts)), begins: make([][]bool, len(parts)),
	}
	for p := range parts {
		t.newness[p], t.begins[p] = make([]uint8, trialRows), make([]bool, trialRows)
		t.parts[p] = make([]trialColumn, len(parts[p].Columns))
		for c := range parts[p].Columns {
			t.parts[p][c].prepare(&parts[p].Columns[c])
		}
	}
	return t
}

// snappedTolerance is that of a predict field, whose values lie on whole steps.
const snappedTolerance = 7

func (t *trialColumn) prepare(c *schema.Column) {
	if !c.Linear || c.Tolerance == 0 {
		return
	}
	t.predict = c.Tolerance == snappedTolerance
	t.scale = ScalesOf(c)
	for i, scale := range t.scale {
		coarse := *c
		coarse.Tolerance *= scale
		coarse.Q = 2*coarse.Tolerance + 1
		t.rule[i] = ruleOf(&coarse)
		for j := range t.state[i] {
			t.state[i][j] = make([]int32, trialRows)
		}
		t.size[i], t.age[i] = make([]uint8, trialRows), make([]uint8, trialRows)
	}
	t.counted = new(Sizes)
}

// ScalesOf returns by how much a trial makes a column's step coarser, first 1, by the
// indices of Saving. An angle's step is one of a power of two of a turn.
func ScalesOf(c *schema.Column) [scales]int32 {
	if c.Wrap > 0 {
		return [scales]int32{1, 2, 4, 8}
	}
	return [scales]int32{1, 2, 5, 10}
}

// Follow makes t follow another stream, or none, from that one's next Begin on.
func (t *Trial) Follow(s *Stream) {
	if t.stream != nil {
		t.stream.trial = nil
	}
	t.stream = s
	clear(t.known)
	if s != nil {
		s.trial = t
	}
}

// Counted returns what was counted of a column; the caller may clear it. It is nil for
// a column that is not tried.
func (t *Trial) Counted(part, column int) *Sizes { return t.parts[part][column].counted }

// leave follows Stream.Leave: the row last, the part's last one, takes the place of row.
func (t *Trial) leave(part, row, last int) {
	known := t.known[part]
	if row >= known {
		return
	}
	if last >= known {
		t.begins[part][row] = true
		return
	}
	t.known[part] = last
	t.newness[part][row], t.begins[part][row] = t.newness[part][last], t.begins[part][last]
	for c := range t.parts[part] {
		col := &t.parts[part][c]
		if col.scale[0] == 0 {
			continue
		}
		for i := range col.state {
			for _, block := range col.state[i] {
				block[row] = block[last]
			}
		}
	}
}

// publish advances a column's rows, of which the first kept were there before.
func (t *Trial) publish(part, column int, targets []int32, kept int) {
	col := &t.parts[part][column]
	if col.scale[0] == 0 {
		return
	}
	n := min(len(targets), trialRows)
	known := min(t.known[part], kept)
	for i := range col.scale {
		col.rule[i].hold = t.stream.holds(part, column)
		for row := range n {
			target := col.snap(i, targets[row])
			if row < known && !t.begins[part][row] {
				col.advance(i, row, target)
			} else {
				col.begin(i, row, target)
			}
		}
	}
}

// snap is where the simulation would have put a predict field's value.
func (t *trialColumn) snap(i int, target int32) int32 {
	if !t.predict || i == 0 {
		return target
	}
	grid := 16 * t.scale[i]
	return target - ((target+grid/2)%grid+grid)%grid + grid/2
}

func (t *trialColumn) advance(i, row int, target int32) {
	l := &t.rule[i]
	r, v, k := &t.state[i][0][row], &t.state[i][1][row], &t.state[i][2][row]
	res, d := int32(0), l.centre(target-l.wrap(*r+*v))
	if !l.near(d) {
		res = l.round(d)
	}
	t.age[i][row], t.size[i][row] = uint8(*k), uint8(sizeOf(res))
	*r, *v, *k = l.advance(*r, *v, *k, res)
}

func (t *trialColumn) begin(i, row int, target int32) {
	t.state[i][0][row], t.state[i][1][row], t.state[i][2][row] = t.rule[i].wrap(target), 0, 1
}

// count adds the rows that have been followed for long enough, of the kept ones whose
// residuals b has.
func (t *Trial) count(part int, b *bench, kept, rows int) {
	newness, begins := t.newness[part], t.begins[part]
	known := min(t.known[part], kept)
	n := min(rows, trialRows)
	for row := range n {
		if row >= known || begins[row] {
			newness[row], begins[row] = settling, false
		}
	}
	t.known[part] = n
	for row := range known {
		if newness[row] > 0 {
			newness[row]--
			continue
		}
		t.countRow(part, b, row)
	}
}

func (t *Trial) countRow(part int, b *bench, row int) {
	awake := 0 // columns with a residual
	for c, any := range b.active {
		if any && b.block(c)[row] != 0 {
			awake++
		}
	}
	for c := range t.parts[part] {
		if col := &t.parts[part][c]; col.scale[0] > 0 {
			others := awake
			if b.block(c)[row] != 0 {
				others--
			}
			col.count(row, min(others, accompanied))
		}
	}
}

func (t *trialColumn) count(row, with int) {
	for i := range t.scale {
		t.counted[i][with][kindOf(int32(t.age[i][row]))][t.size[i][row]]++
	}
}
