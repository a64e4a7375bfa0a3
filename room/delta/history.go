package delta

import "github.com/roomtick/roomtick/schema"

// moment is a group at one send tick: the published state after it and the log of
// what changed in its rows to get there. Its memory is used again when the ring
// comes round.
type moment struct {
	parts  []rows
	leaves []leave
	enters []enter
	hash   uint32 // of the published state, if hashed
	hashed bool
}

// follow makes m the state of was, with an empty log, to be advanced in place.
func (m *moment) follow(was *moment, parts []schema.Part) {
	if m.parts == nil {
		m.parts = newParts(parts)
	}
	for part := range was.parts {
		m.parts[part].copyFrom(&was.parts[part])
	}
	m.leaves, m.enters, m.hashed = m.leaves[:0], m.enters[:0], false
}

// newParts makes the parts of a group without rows. Behind the columns' blocks is one of
// the send ticks that each row has been idle: the smallest k in it.
func newParts(parts []schema.Part) []rows {
	made := make([]rows, len(parts))
	for part := range made {
		made[part].blocks = blockOf(parts[part].Columns, len(parts[part].Columns)) + 1
	}
	return made
}

// at returns the moment that lies back send ticks before the newest.
func (s *Stream) at(back int) *moment {
	return &s.ring[(s.head-back+len(s.ring))%len(s.ring)]
}
