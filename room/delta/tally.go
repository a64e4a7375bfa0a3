package delta

import "github.com/roomtick/roomtick/schema"

// Overhead names the bits of deltas that belong to no column.
type Overhead int

// The kinds of overhead.
const (
	Header   Overhead = iota // slot, form, kind, length of a span, padding
	Shared                   // prologue
	Strings                  // interned strings
	Log                      // rows that left and entered; ids of keyframes
	Awake                    // which rows have residuals
	Replayed                 // everything that spectators are sent; decoders see what it is
	overheads

	Overheads = overheads // how many there are
)

// Tally counts where the bits of deltas go that a client gets. Decoders report to it;
// one tally may serve many of them if one goroutine owns them all. A nil Tally counts
// nothing. Streams have a Ledger.
type Tally struct {
	Columns  [][]uint64         // bits by part and column
	Overhead [Replayed]uint64   // bits
	Kinds    [groupKinds]uint64 // bits by kind of group, all of a group's
	Rows     uint64             // surviving rows covered by steps and spans
	Awake    uint64             // of those, rows that had residuals
	Fresh    uint64             // rows sent in full

	// Of the rows of parts that everybody sees.
	Entered uint64 // sent in full
	Changed uint64 // survivors whose state changed, rounded to whole steps
}

// groupKinds is how many kinds of groups there are; see Group.Kind.
const groupKinds = 5

// NewTally counts columns of these parts.
func NewTally(parts []schema.Part) *Tally {
	t := &Tally{Columns: make([][]uint64, len(parts))}
	for part := range parts {
		t.Columns[part] = make([]uint64, len(parts[part].Columns))
	}
	return t
}

// Total returns all bits counted.
func (t *Tally) Total() uint64 {
	n := uint64(0)
	for _, columns := range t.Columns {
		for _, bits := range columns {
			n += bits
		}
	}
	for _, bits := range t.Overhead {
		n += bits
	}
	return n
}

// String returns the name used in reports.
func (o Overhead) String() string {
	names := [overheads]string{"header", "prologue", "strings", "log", "awake", "replayed"}
	if o < 0 || o >= overheads {
		return "unknown"
	}
	return names[o]
}

func (t *Tally) rows(kept, awake, fresh int) {
	if t == nil {
		return
	}
	t.Rows += uint64(kept)
	t.Awake += uint64(awake)
	t.Fresh += uint64(fresh)
}

func (t *Tally) overhead(kind Overhead, bits int) {
	if t != nil {
		t.Overhead[kind] += uint64(bits)
	}
}

func (t *Tally) kind(kind uint8, bits int) {
	if t != nil {
		t.Kinds[kind] += uint64(bits)
	}
}

func (t *Tally) column(part, column, bits int) {
	if t != nil {
		t.Columns[part][column] += uint64(bits)
	}
}

// report counts the bits read since the last report.
func (d *Decoder) report(kind Overhead) {
	d.tally.overhead(kind, d.r.Pos()-d.mark)
	d.mark = d.r.Pos()
}

func (d *Decoder) reportColumn(part, column int) {
	d.tally.column(part, column, d.r.Pos()-d.mark)
	d.mark = d.r.Pos()
}
