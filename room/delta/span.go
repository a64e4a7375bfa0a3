package delta

// span writes what changed since the baseline of back send ticks ago, predicted from
// that baseline's own R, V and k, so that the client ends in the published state
// whatever path it took.
func (s *Stream) span(buf []byte, back int) []byte {
	e := &s.enc
	e.begin(buf, s.slot, formSpan)
	e.w.Bits(uint32(back), 8)
	e.report(Header)
	s.writeStrings(back)
	e.report(Strings)
	s.writeLog(back)
	e.report(Log)
	for part := range s.parts {
		if s.Rows(part) == 0 {
			continue
		}
		s.splitRows(part, back)
		if n := len(e.survivors); n > 0 {
			s.surveySpan(part, back)
			e.writeAwake(e.awake, n)
			s.writeSpanResiduals(part)
		}
		s.writeFresh(part)
	}
	return e.end()
}

// splitRows lists the rows that the baseline had and those it had not.
func (s *Stream) splitRows(part, back int) {
	e := &s.enc
	e.origins = s.origins(e.origins, part, back)
	e.survivors, e.fresh, e.awake = e.survivors[:0], e.fresh[:0], e.awake[:0]
	for row, origin := range e.origins {
		if origin < 0 {
			e.fresh = append(e.fresh, int32(row))
		} else {
			e.survivors = append(e.survivors, int32(row))
		}
	}
}

// surveySpan computes the residuals of every block and lists the survivors that have
// any.
func (s *Stream) surveySpan(part, back int) {
	e := &s.enc
	now, was := s.at(0).parts[part], s.at(back).parts[part]
	n := len(e.survivors)
	e.residuals = resize(e.residuals, n*now.blocks)
	e.touched = resize(e.touched, n)
	clear(e.touched)
	block := 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		out := e.residuals[block*n:]
		if c.Linear {
			l := linear{clientRuleOf(c), was.block(block), was.block(block + 1), was.block(block + 2)}
			to := linear{l.rule, now.block(block), now.block(block + 1), now.block(block + 2)}
			e.spanLinear(&l, &to, out, span{int32(s.now), int32(back)})
		} else {
			e.spanHold(was.block(block), now.block(block), out)
		}
		block += width(c)
	}
	for i, any := range e.touched {
		if any != 0 {
			e.awake = append(e.awake, int32(i))
		}
	}
}

// span is a number of send ticks, and the one that it ends in.
type span struct{ now, length int32 }

// spanLinear writes the residuals of R, V and k into the first three blocks of out.
func (e *encoder) spanLinear(was, now *linear, out []int32, over span) {
	n := len(e.survivors)
	dr, dv, dk := out[:n], out[n:2*n], out[2*n:3*n]
	for i, row := range e.survivors {
		from := e.origins[row]
		v := was.v[from]
		r, k := was.coast(was.r[from], v, ageAt(over.now-over.length, was.at[from]), over.length)
		dr[i] = was.centre(now.r[row] - r)
		dv[i] = now.v[row] - v
		dk[i] = ageAt(over.now, now.at[row]) - k
		e.touched[i] |= dr[i] | dv[i] | dk[i]
	}
}

func (e *encoder) spanHold(was, now, out []int32) {
	for i, row := range e.survivors {
		out[i] = now[row] - was[e.origins[row]]
		e.touched[i] |= out[i]
	}
}

func (s *Stream) writeSpanResiduals(part int) {
	e := &s.enc
	if len(e.awake) == 0 {
		return
	}
	n, block := len(e.survivors), 0
	for i := range s.parts[part].Columns {
		for range width(&s.parts[part].Columns[i]) {
			e.writeColumn(e.gather(e.residuals[block*n:(block+1)*n], e.awake))
			block++
		}
		e.reportColumn(part, i)
	}
}

// resize returns a slice of n words in dst's memory if it fits; their values are
// whatever was there.
func resize(dst []int32, n int) []int32 {
	if cap(dst) < n {
		return make([]int32, n, n+n/2)
	}
	return dst[:n]
}
