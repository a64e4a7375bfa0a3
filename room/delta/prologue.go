package delta

import (
	"github.com/roomtick/roomtick/schema"
	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// Prologue chooses the coding parameters that the steps of all groups share in one
// send tick (PROTOCOL.md 4.2). Each send tick: Reset it, Add every stream that has
// committed, Finish it; then streams can encode steps. The zero value is ready for
// Reset. Owned by the room goroutine.
type Prologue struct {
	parts    []schema.Part
	censuses []census
	now      []settings // by part
	before   []settings // of the send tick before
	first    []settings // what a client knows that had no prologue then

	streams []*Stream // added
	tick    uint32    // send ticks finished; wraps
	whole   []byte    // empty until somebody asks
	changes []byte
}

// Reset begins the send tick's prologue. parts must be the same in every tick.
func (p *Prologue) Reset(parts []schema.Part) {
	if p.parts == nil {
		p.parts = parts
		p.now, p.before, p.first = newSettings(parts), newSettings(parts), newSettings(parts)
		p.censuses = make([]census, len(parts))
		for part := range parts {
			p.censuses[part].columns = make([]columnCensus, len(parts[part].Columns))
		}
	}
	p.streams = p.streams[:0]
	for part := range p.now {
		p.before[part].copyFrom(&p.now[part])
		for c := range p.now[part].columns {
			p.now[part].columns[c].active = false
		}
	}
}

func newSettings(parts []schema.Part) []settings {
	made := make([]settings, len(parts))
	for part := range made {
		made[part].columns = make([]columnSettings, len(parts[part].Columns))
		made[part].reset()
	}
	return made
}

// Add takes in a stream that has committed this send tick. A stream that was not added
// encodes no step; one that is added for the first time only if nothing in it was
// corrected, or no column holds yet.
func (p *Prologue) Add(s *Stream) {
	if s.guide != p {
		s.guide = p
		if s.corrected() && p.holding() {
			return
		}
	}
	s.added = true
	p.streams = append(p.streams, s)
	for part := range s.tables {
		b := &s.tables[part]
		if len(b.awake) == 0 {
			continue
		}
		for c, any := range b.active {
			if any {
				col := &p.now[part].columns[c]
				col.active, col.hold = true, p.censuses[part].columns[c].hold
			}
		}
	}
}

// holding reports whether any column holds.
func (p *Prologue) holding() bool {
	for part := range p.censuses {
		for c := range p.censuses[part].columns {
			if p.censuses[part].columns[c].hold {
				return true
			}
		}
	}
	return false
}

// Finish chooses the parameters.
func (p *Prologue) Finish() {
	p.tick++
	for part := range p.now {
		c := &p.censuses[part]
		if !p.now[part].active() {
			continue
		}
		if !c.looked || p.tick%countEvery == 0 {
			p.count(part)
		}
		if p.tick%lookEvery == lookEvery-weighAt {
			p.weigh(part)
		}
		if !c.looked || p.tick%lookEvery == 0 && c.rows > 0 {
			c.look(&p.now[part])
		}
	}
	p.whole, p.changes = p.whole[:0], p.write(p.changes, p.before, false)
}

func (p *Prologue) count(part int) {
	for _, s := range p.streams {
		if b := &s.tables[part]; len(b.awake) > 0 {
			p.censuses[part].count(b, s.codes(part, &p.now[part]), p.now[part].columns)
		}
	}
}

func (p *Prologue) weigh(part int) {
	for _, s := range p.streams {
		p.censuses[part].weigh(s, part)
	}
}

// Whole returns the prologue for clients that have none of the send tick before, from Finish to
// the next Reset.
func (p *Prologue) Whole() []byte {
	if len(p.whole) == 0 {
		p.whole = p.write(p.whole, p.first, true)
	}
	return p.whole
}

// Changes returns the prologue for clients that applied a prologue of the send tick
// before: the same parameters in fewer bytes. Valid from one Finish to the next.
func (p *Prologue) Changes() []byte { return p.changes }

func (p *Prologue) write(buf []byte, was []settings, whole bool) []byte {
	var w bitcode.Writer
	w.Reset(buf[:0])
	w.Bool(whole)
	for part := range p.now {
		p.now[part].write(&w, &was[part], whole)
	}
	return w.Bytes()
}

// zeroes returns n zeros in dst's memory if they fit.
func zeroes(dst []uint8, n int) []uint8 {
	if cap(dst) < n {
		return make([]uint8, n, n+n/2)
	}
	dst = dst[:n]
	clear(dst)
	return dst
}
