package delta

import "slices"

// still reports whether a send tick changes nothing in a part: nobody has entered, no
// value moves, and all are where they should be. Its moment then shares the memory of the
// one before. A trial sees every tick.
func (s *Stream) still(part int) bool {
	t := s.at(0).parts[part]
	if s.tables[part].fresh > 0 || s.trial != nil {
		return false
	}
	block := 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		targets := s.Targets(part, i)
		if c.Linear {
			l := linear{ruleOf(c), t.block(block), t.block(block + 1), t.block(block + 2)}
			if !l.rests() || !l.reached(targets) {
				return false
			}
		} else if !slices.Equal(t.block(block), targets) {
			return false
		}
		block += width(c)
	}
	return true
}

// rests reports whether no value moves; whole turns are no motion.
func (l *linear) rests() bool {
	for _, v := range l.v {
		if l.wrap(v) != 0 {
			return false
		}
	}
	return true
}

// reached reports whether every value is within the tolerance of its target.
func (l *linear) reached(targets []int32) bool {
	for row, target := range targets {
		if !l.near(l.centre(target - l.r[row])) {
			return false
		}
	}
	return true
}
