package delta

import "github.com/roomtick/roomtick/schema"

// Constants of PROTOCOL.md 5.1: FNV's offset basis, and 2^32 over the golden ratio.
const (
	hashSeed = 0x811C9DC5
	hashMul  = 0x9E3779B1
)

// mix takes one word into a hash.
func mix(h, w uint32) uint32 {
	h = (h ^ w) * hashMul
	return h ^ h>>15
}

// hashRows returns the pubHash of a group's parts in send tick now.
func hashRows(parts []schema.Part, state []*rows, now int32) uint32 {
	h := uint32(hashSeed)
	for part, t := range state {
		if len(t.ids) == 0 {
			continue
		}
		h = mix(mix(h, uint32(part)), uint32(len(t.ids)))
		h = t.hash(h, parts[part].Columns, now)
	}
	return h
}

// hash takes the rows into a hash: of each column R, then V and k of a linear one.
func (t *rows) hash(h uint32, columns []schema.Column, now int32) uint32 {
	for row, id := range t.ids {
		h = mix(h, id)
		at := row
		for i := range columns {
			h = mix(h, uint32(t.words[at]))
			at += t.stride
			if columns[i].Linear {
				h = mix(h, uint32(t.words[at]))
				h = mix(h, uint32(ageAt(now, t.words[at+t.stride])))
				at += 2 * t.stride
			}
		}
	}
	return h
}

// Hash returns the pubHash of the published state back send ticks ago, 0 being the
// tick just committed; false if the history does not reach. It costs nothing until
// somebody asks, and each tick is hashed at most once.
func (s *Stream) Hash(back int) (uint32, bool) {
	if !s.committed || back < 0 || back > s.reach {
		return 0, false
	}
	m := s.at(back)
	if !m.hashed {
		m.hash, m.hashed = hashRows(s.parts, m.parts, int32(s.now)-int32(back)), true
	}
	return m.hash, true
}
