package delta

// changes is what one send tick changed in the rows of a group.
type changes struct {
	leaves []leave
	enters []enter
}

// names reports whether rows of a part have changed.
func (c *changes) names(part int) bool {
	if c == nil {
		return false
	}
	for i := range c.leaves {
		if int(c.leaves[i].part) == part {
			return true
		}
	}
	for i := range c.enters {
		if int(c.enters[i].part) == part {
			return true
		}
	}
	return false
}

// leave is one row's end.
type leave struct {
	part, row uint16
	why       Reason
	dest      uint32
}

// enter is one row's beginning.
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
		log := s.at(i).log
		if log == nil {
			continue
		}
		for _, l := range log.leaves {
			if int(l.part) == part {
				last := len(dst) - 1
				dst[l.row] = dst[last]
				dst = dst[:last]
			}
		}
		for _, e := range log.enters {
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
		if s.at(i).log != nil {
			batches++
		}
	}
	w.Bool(batches > 0)
	if batches == 0 {
		return
	}
	w.Num(batches)
	for i := back - 1; i >= 0; i-- {
		if log := s.at(i).log; log != nil {
			for part := range s.parts {
				if s.parts[part].In(s.kind) {
					s.writeBatch(log, uint16(part))
				}
			}
		}
	}
}

func (s *Stream) writeBatch(log *changes, part uint16) {
	w := &s.enc.w
	n := uint32(0)
	for i := range log.leaves {
		if log.leaves[i].part == part {
			n++
		}
	}
	w.Num(n)
	for i := range log.leaves {
		if l := &log.leaves[i]; l.part == part {
			w.Num(uint32(l.row))
			w.Bits(uint32(l.why), 2)
			if l.why == Moved {
				w.Num(l.dest)
			}
		}
	}
	n = 0
	for i := range log.enters {
		if log.enters[i].part == part {
			n++
		}
	}
	w.Num(n)
	before := uint32(0)
	for i := range log.enters {
		if e := &log.enters[i]; e.part == part {
			w.Num(e.id - before)
			before = e.id
		}
	}
}
