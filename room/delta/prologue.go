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

	tick    uint32 // send ticks finished; wraps
	widest  []uint8
	whole   []byte
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

// Add counts the residuals of a stream that has committed this send tick. A stream
// that was not added encodes no step.
func (p *Prologue) Add(s *Stream) {
	s.added = true
	for part := range s.tables {
		b := &s.tables[part]
		if len(b.awake) == 0 {
			continue
		}
		seen := &p.censuses[part]
		seen.countRows(b, s.Rows(part)-b.fresh)
		p.widest = zeroes(p.widest, len(b.awake))
		for c := range p.parts[part].Columns {
			if seen.columns[c].count(s.residuals(part, c), b.agesOf(c), b.awake, p.widest) {
				p.now[part].columns[c].active = true
			}
		}
	}
}

// Finish chooses the parameters and returns the prologue for clients that have none of
// the send tick before, valid until the next Finish.
func (p *Prologue) Finish() []byte {
	p.tick++
	for part := range p.now {
		if c := &p.censuses[part]; p.now[part].active() && (!c.looked || (p.tick+uint32(part))%censusEvery == 0) {
			c.look(&p.now[part])
		}
	}
	p.whole = p.write(p.whole, p.first, true)
	p.changes = p.write(p.changes, p.before, false)
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
