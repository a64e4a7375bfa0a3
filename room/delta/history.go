package delta

import "github.com/roomtick/roomtick/schema"

// moment is a group at one send tick: the published state after it and the log of
// what changed in its rows to get there. A part in which nothing happened is the same
// memory as in the moment before: what sleeps takes no more than one copy, however
// long the history is.
type moment struct {
	parts  []*rows
	log    *changes // nil if no row left or entered
	hash   uint32   // of the published state, if hashed
	hashed bool
}

// newRing makes the history of a group without rows; the first moment is its state.
func newRing(parts []schema.Part, length int) []moment {
	ring := make([]moment, length)
	all := make([]*rows, length*len(parts))
	for i := range ring {
		ring[i].parts = all[i*len(parts):][:len(parts):len(parts)]
	}
	for part := range parts {
		ring[0].parts[part] = newRows(parts[part].Columns)
	}
	return ring
}

// newRows makes a part of a group, without rows. Behind the columns' blocks is one of the
// send tick in which any of a row's values was corrected last.
func newRows(columns []schema.Column) *rows {
	return &rows{blocks: blockOf(columns, len(columns)) + 1}
}

// at returns the moment that lies back send ticks before the newest.
func (s *Stream) at(back int) *moment {
	return &s.ring[(s.head-back+len(s.ring))%len(s.ring)]
}

// turn makes the oldest moment the newest, equal to the one before it. Memory that no
// other moment shares is used again if the group changes in this one; no more than that
// is kept, so that what falls asleep gives its memory back.
func (s *Stream) turn() {
	was := s.at(0)
	s.head = (s.head + 1) % len(s.ring)
	m, next := s.at(0), s.at(-1)
	for part, t := range m.parts {
		if t != nil && t != next.parts[part] {
			s.tables[part].spare = t
		}
	}
	if m.log != nil {
		s.logs = append(s.logs, m.log)
	}
	copy(m.parts, was.parts)
	m.log, m.hashed = nil, false
}

// own returns a part of the newest moment to be changed: a copy, unless it is one already.
func (s *Stream) own(part int) *rows {
	m, was := s.at(0), s.at(1).parts[part]
	if m.parts[part] != was {
		return m.parts[part]
	}
	b := &s.tables[part]
	t := b.spare
	if b.spare = nil; t == nil {
		t = newRows(s.parts[part].Columns)
	}
	t.copyFrom(was)
	m.parts[part] = t
	return t
}

// logOf returns the log of the newest moment to be added to.
func (s *Stream) logOf() *changes {
	m := s.at(0)
	if m.log == nil {
		if n := len(s.logs); n > 0 {
			m.log, s.logs = s.logs[n-1], s.logs[:n-1]
		} else {
			m.log = new(changes)
		}
		m.log.leaves, m.log.enters = m.log.leaves[:0], m.log.enters[:0]
	}
	return m.log
}

// RowAt writes the published values that a row had back send ticks ago into dst, by column,
// and reports whether the history reaches and the row was that entity's.
func (s *Stream) RowAt(dst []int32, part, row int, id uint32, back int) bool {
	if !s.committed || back < 0 || back > s.reach {
		return false
	}
	t := s.at(back).parts[part]
	if row < 0 || row >= len(t.ids) || t.ids[row] != id {
		return false
	}
	at := row
	for i := range s.parts[part].Columns {
		dst[i] = t.words[at]
		at += t.stride * width(&s.parts[part].Columns[i])
	}
	return true
}
