package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// A group's delta, PROTOCOL.md section 4. It starts and ends at a byte.
//
//	        +-----------------+------+---------+-----+-----------------------------------+
//	step    | leb slot<<2 | 0 |      | strings | log | per part with rows: survivors fresh |
//	span    | leb slot<<2 | 1 | s    | strings | log | per part with rows: survivors fresh |
//	keyframe| leb slot<<2 | 2 | kind | strings |     | per part: num rows, ids, fresh      |
//	quiet   | leb slot<<2 | 3 |      |         |     |                                     |
//	gone    | leb slot<<2 | 1 | 0    |         |     |                                     |
//	        +-----------------+------+---------+-----+-----------------------------------+
//
//	strings   | any:1 | num count | count x (num index, num bytes, bytes) |
//	log       | any:1 | num batches | batches x per part:                                  |
//	          |         num leaves x (num row, reason:2 [, num slot]), num enters x num id+ |
//	survivors | mode:2 [, awake:1 each] | any awake: per column, the residuals of the awake |
//	fresh     | per column: R of each row [, V, k-1] |
//
// A column of a step uses the parameters of the frame's prologue, any other one carries
// its own: | any:1 | p:5 | rice(p) each |. Survivors of mode 3 are range-coded, see
// coded.go.
const (
	formStep = iota
	formSpan
	formKeyframe
	formQuiet
	formGone // on the wire a span of goneSpan
)

// goneSpan is the length of a span that says the group is gone.
const goneSpan = 0

// How a part says which survivors have residuals; PROTOCOL.md 4.7.
const (
	awakeNone = iota
	awakeAll
	awakeSome
	awakeCoded // and their residuals are range-coded
)

// encoder is the memory that encodings use in turn.
type encoder struct {
	w      bitcode.Writer
	values []int32  // one column, gathered
	bins   bins     // of one column
	bill   []uint32 // where the ledger has this encoding's bits; nil without a ledger
	first  []int    // by part, where its columns are in the bill
	mark   int      // bits already reported to the bill

	// Of one part in a span.
	origins   []int32 // by row, the row at the baseline or -1
	survivors []int32 // rows that the baseline had
	fresh     []int32 // rows that it had not
	residuals []int32 // block after block, by survivor
	touched   []int32 // by survivor, not zero if it has a residual
	awake     []int32 // survivors that have one
}

// begin starts an encoding in buf.
func (e *encoder) begin(buf []byte, slot uint32, form uint32) {
	e.w.Reset(buf[:0])
	e.mark = 0
	e.w.Leb(slot<<2 | form)
}

// end closes it.
func (e *encoder) end() []byte {
	buf := e.w.Bytes()
	e.report(Header)
	return buf
}

// Delta returns the group's bytes for a client that has the state of back send ticks
// ago: a step for 1, a span for more. They are valid until the next Begin and are the
// same for every caller. It is nil if the history does not reach, and for a step
// also if p, which must be finished, does not know this stream.
func (s *Stream) Delta(back int, p *Prologue) []byte {
	if !s.committed || back < 1 || back > s.reach || back == 1 && !s.added {
		return nil
	}
	for i := range s.used {
		if s.memos[i].back == back {
			return s.memos[i].buf
		}
	}
	if s.used == len(s.memos) {
		s.memos = append(s.memos, memo{})
	}
	m := &s.memos[s.used]
	s.used++
	m.back, m.bill = back, s.charge()
	if back == 1 {
		m.buf = s.step(m.buf, p)
	} else {
		m.buf = s.span(m.buf, back)
	}
	return m.buf
}

// Keyframe returns the group's bytes for a client that has nothing of it, valid
// until the next Begin; nil before the first Commit.
func (s *Stream) Keyframe() []byte {
	if !s.committed {
		return nil
	}
	if !s.keyed {
		s.keyed, s.keyBill = true, s.charge()
		s.keyBuf = s.keyframe(s.keyBuf)
	}
	return s.keyBuf
}

// Gone returns the record that makes a client forget the group.
func (s *Stream) Gone() []byte {
	s.goneBuf = AppendGone(s.goneBuf[:0], s.slot)
	return s.goneBuf
}

// AppendGone appends the record that makes a client forget the group of that slot.
func AppendGone(dst []byte, slot uint32) []byte {
	return append(bitcode.AppendLeb(dst, slot<<2|formSpan), goneSpan)
}

func (s *Stream) step(buf []byte, p *Prologue) []byte {
	e := &s.enc
	if s.quiet() {
		e.begin(buf, s.slot, formQuiet)
		return e.end()
	}
	e.begin(buf, s.slot, formStep)
	e.report(Header)
	s.writeStrings(1)
	e.report(Strings)
	s.writeLog(1)
	e.report(Log)
	for part := range s.parts {
		rows, b := s.Rows(part), &s.tables[part]
		if rows == 0 {
			continue
		}
		kept := rows - b.fresh
		switch {
		case kept == 0:
		case p.censuses[part].worth(len(b.awake)):
			s.writeCoded(part, &p.now[part])
		default:
			e.writeAwake(b.awake, kept)
			s.writePlain(part, &p.now[part])
		}
		e.fresh = ascending(e.fresh, rows-b.fresh, rows)
		s.writeFresh(part)
	}
	return e.end()
}

// quiet reports whether there is nothing to tell of this send tick.
func (s *Stream) quiet() bool {
	return s.at(0).log == nil && !s.corrected() && s.texts.news(s.now, 1) == 0
}

// writeAwake says which of n survivors have residuals. awake lists them in order.
func (e *encoder) writeAwake(awake []int32, n int) {
	switch len(awake) {
	case 0:
		e.w.Bits(awakeNone, 2)
	case n:
		e.w.Bits(awakeAll, 2)
	default:
		e.w.Bits(awakeSome, 2)
		for first := 0; first < n; first += 32 {
			flags := uint32(0)
			for len(awake) > 0 && int(awake[0]) < first+32 {
				flags |= 1 << (uint(awake[0]) & 31)
				awake = awake[1:]
			}
			e.w.Bits(flags, uint(min(32, n-first)))
		}
	}
	e.report(Awake)
}

// writePlain writes the residuals of the awake rows in Rice codes.
func (s *Stream) writePlain(part int, with *settings) {
	e, b := &s.enc, &s.tables[part]
	if len(b.awake) == 0 {
		return
	}
	for c := range s.parts[part].Columns {
		if col := &with.columns[c]; col.active {
			values := s.residuals(part, c)
			if last := len(b.awake) - 1; int(b.awake[last]) == last {
				values = values[:len(b.awake)] // the first rows, and all of them
			} else {
				values = e.gather(values, b.awake)
			}
			e.writeStepColumn(values, col.coding)
			e.reportColumn(part, c)
		}
	}
}

// residuals returns a column's residuals of this send tick by row.
func (s *Stream) residuals(part, column int) []int32 { return s.Targets(part, column) }

// writeFresh writes the full state of the rows in fresh.
func (s *Stream) writeFresh(part int) {
	e, t := &s.enc, s.at(0).parts[part]
	if len(e.fresh) == 0 {
		return
	}
	block := 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		e.writeColumn(e.gather(t.block(block), e.fresh))
		if c.Linear {
			e.writeColumn(e.gather(t.block(block+1), e.fresh))
			e.writeColumn(e.agesOf(t.block(block+2), e.fresh, int32(s.now)))
		}
		block += width(c)
		e.reportColumn(part, i)
	}
}

func (s *Stream) keyframe(buf []byte) []byte {
	e := &s.enc
	e.begin(buf, s.slot, formKeyframe)
	e.w.Bits(uint32(s.kind), 8)
	e.report(Header)
	s.writeAllStrings()
	e.report(Strings)
	for part := range s.parts {
		if !s.parts[part].In(s.kind) {
			continue
		}
		ids := s.IDs(part)
		e.w.Num(uint32(len(ids)))
		e.values = e.values[:0]
		before := uint32(0)
		for _, id := range ids {
			e.values = append(e.values, int32(id-before))
			before = id
		}
		e.writeColumn(e.values)
		e.report(Log)
		e.fresh = ascending(e.fresh, 0, len(ids))
		s.writeFresh(part)
	}
	return e.end()
}
