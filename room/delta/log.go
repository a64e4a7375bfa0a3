package delta

// leave is one row's end in a moment's log.
type leave struct {
	part, row uint16
	why       Reason
	dest      uint32
}

// enter is one row's beginning in a moment's log.
type enter struct {
	part uint16
	id   uint32
}

// origins lists, for every row that a part has now, the row that it was back send
// ticks ago, or -1 if it has entered since. It replays the log on row numbers.
func (s *Stream) origins(dst []int32, part, back int) []int32 {
	dst = dst[:0]
	for row := range s.at(back).parts[part].ids {
		dst = append(dst, int32(row))
	}
	for i := back - 1; i >= 0; i-- {
		m := s.at(i)
		for _, l := range m.leaves {
			if int(l.part) == part {
				last := len(dst) - 1
				dst[l.row] = dst[last]
				dst = dst[:last]
			}
		}
		for _, e := range m.enters {
			if int(e.part) == part {
				dst = append(dst, -1)
			}
		}
	}
	return dst
}

// writeLog writes the log of the last back send ticks; those without a change need
// no batch.
func (s *Stream) writeLog(back int) {
	w := &s.enc.w
	batches := uint32(0)
	for i := range back {
		if !s.at(i).quiet() {
			batches++
		}
	}
	w.Bool(batches > 0)
	if batches == 0 {
		return
	}
	w.Num(batches)
	for i := back - 1; i >= 0; i-- {
		if m := s.at(i); !m.quiet() {
			for part := range s.parts {
				if s.parts[part].In(s.kind) {
					s.writeBatch(m, uint16(part))
				}
			}
		}
	}
}

func (m *moment) quiet() bool { return len(m.leaves)+len(m.enters) == 0 }

func (s *Stream) writeBatch(m *moment, part uint16) {
	w := &s.enc.w
	n := uint32(0)
	for i := range m.leaves {
		if m.leaves[i].part == part {
			n++
		}
	}
	w.Num(n)
	for i := range m.leaves {
		if l := &m.leaves[i]; l.part == part {
			w.Num(uint32(l.row))
			w.Bits(uint32(l.why), 2)
			if l.why == Moved {
				w.Num(l.dest)
			}
		}
	}
	n = 0
	for i := range m.enters {
		if m.enters[i].part == part {
			n++
		}
	}
	w.Num(n)
	before := uint32(0)
	for i := range m.enters {
		if e := &m.enters[i]; e.part == part {
			w.Num(e.id - before)
			before = e.id
		}
	}
}
