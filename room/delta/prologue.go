package delta

import (
	"github.com/roomtick/roomtick/schema"
	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// Prologue chooses the Rice parameters that the steps of all groups share in one
// send tick (PROTOCOL.md 4.2). Reset it, Add every stream that has committed, Finish
// it; then streams can encode steps. The zero value is ready for Reset. Owned by the
// room goroutine.
type Prologue struct {
	parts  []schema.Part
	costs  []cost // by part and column, as numbered by first
	chosen []uint8
	first  []int // by part, the number of its first column
	enc    encoder
	buf    []byte
}

// Reset begins the send tick's prologue.
func (p *Prologue) Reset(parts []schema.Part) {
	p.parts = parts
	p.first = p.first[:0]
	n := 0
	for i := range parts {
		p.first = append(p.first, n)
		n += len(parts[i].Columns)
	}
	if cap(p.costs) < n {
		p.costs = make([]cost, n)
		p.chosen = make([]uint8, n)
	}
	p.costs, p.chosen = p.costs[:n], p.chosen[:n]
	clear(p.costs)
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
		for c := range p.parts[part].Columns {
			values := p.enc.gather(s.residuals(part, c), b.awake, 0)
			if !anyNonZero(values) {
				continue
			}
			cost := &p.costs[p.first[part]+c]
			for _, v := range values {
				cost.count(bitcode.Zigzag(v))
			}
		}
	}
}

// Finish chooses and returns the prologue's bytes, valid until the next Finish.
func (p *Prologue) Finish() []byte {
	w := &p.enc.w
	w.Reset(p.buf[:0])
	for i := range p.costs {
		p.chosen[i] = noResidual
		if p.costs[i].small > 0 {
			p.chosen[i] = uint8(p.costs[i].best())
		}
		w.Bits(uint32(p.chosen[i]), 5)
	}
	p.buf = w.Bytes()
	return p.buf
}

// rice returns the parameter of a column, or noResidual.
func (p *Prologue) rice(part, column int) uint { return uint(p.chosen[p.first[part]+column]) }
