// Package delta is the pure codec of a group's published state: PROTOCOL.md
// sections 3.4, 4 and 5. A Stream holds what a group has told so far and encodes
// it, once per send tick and baseline, for everybody who sees the group; a Decoder
// is the other end. There is no clock, no I/O and no goroutine in it.
package delta

import "github.com/roomtick/roomtick/schema"

// Limits of PROTOCOL.md 4.9, and the longest history a span can name.
const (
	MaxRows    = 65535 // rows of a part in one group
	MaxStrings = 65535 // strings of a group
	MaxText    = 65535 // bytes of a string
	MaxWindow  = 255   // send ticks: the span's length is one byte
)

// Reason says why a row left its group; PROTOCOL.md 4.6.
type Reason uint8

// The reasons, numbered as on the wire.
const (
	Despawned Reason = iota // the entity is gone
	Hidden                  // it has no group now
	Moved                   // it is in another group from this tick on
)

// Stream is the published state of one group, with its log and history. Each send
// tick runs in this order: Begin, every Leave, every Enter, Targets (filled in by
// the caller), Commit; after it Delta, Keyframe, Hash and R answer for that tick
// until the next Begin. Owned by the room goroutine.
type Stream struct {
	// Set once by NewStream.
	parts []schema.Part
	slot  uint32
	kind  uint8

	now       uint32   // send ticks; wraps, and only ages are taken of it
	ring      []moment // the newest at head, older ones before it
	head      int
	reach     int // how many send ticks before head are in the ring
	committed bool
	added     bool      // the tick's prologue knows this stream
	guide     *Prologue // says which columns hold; nil until one was told of this stream

	logs    []*changes // not in use
	tables  []bench    // by part
	texts   texts
	enc     encoder
	ledger  *Ledger // nil: nothing is booked
	trial   *Trial  // nil: none follows this stream
	memos   []memo  // the first used of them are of this send tick
	used    int
	keyed   bool
	keyBuf  []byte
	keyBill int
	goneBuf []byte
}

// memo is an encoding that every viewer with the same baseline shares.
type memo struct {
	back int
	bill int // in the ledger
	buf  []byte
}

// NewStream makes the empty stream of the group that has the given wire slot and
// kind (0 world, 1 cell, 2 team, 3 player, 4 custom). window is how many send ticks
// back a baseline may lie, 1 to MaxWindow. parts is shared, not copied.
func NewStream(parts []schema.Part, slot uint32, kind uint8, window int) *Stream {
	s := &Stream{parts: parts, slot: slot, kind: kind}
	s.ring = newRing(parts, min(max(window, 1), MaxWindow)+1)
	s.tables = make([]bench, len(parts))
	return s
}

// Begin starts the next send tick.
func (s *Stream) Begin() {
	s.now++
	s.used, s.keyed, s.added = 0, false, false
	if s.committed {
		s.reach = min(s.reach+1, len(s.ring)-1)
	}
	s.committed = false
	s.turn()
	for part := range s.tables {
		s.tables[part].fresh = 0
	}
	s.texts.expire(s.now, uint32(len(s.ring)-1))
}

// Leave removes a row: the part's last row takes its place. It returns the id that
// is in the row now, and false if the row was the last. Rows of a part leave in
// descending order, before any row enters. dest is the slot of the group that a
// Moved row goes to. The row's strings are released.
func (s *Stream) Leave(part, row int, why Reason, dest uint32) (moved uint32, ok bool) {
	if row < 0 || row >= s.Rows(part) {
		return 0, false
	}
	t, block := s.own(part), 0
	for i := range s.parts[part].Columns {
		c := &s.parts[part].Columns[i]
		if c.String {
			s.texts.release(t.block(block)[row], s.now)
		}
		block += width(c)
	}
	if s.trial != nil {
		s.trial.leave(part, row, len(t.ids)-1)
	}
	t.remove(row)
	log := s.logOf()
	log.leaves = append(log.leaves, leave{part: uint16(part), row: uint16(row), why: why, dest: dest})
	if row == len(t.ids) {
		return 0, false
	}
	return t.ids[row], true
}

// Enter appends a row for an entity and returns its number, or -1 if the part is
// full or the group is of no kind that has such rows. Rows of a part enter by ascending id, after all leaves.
func (s *Stream) Enter(part int, id uint32) (row int) {
	if s.Rows(part) == MaxRows || !s.parts[part].In(s.kind) {
		return -1
	}
	t, log := s.own(part), s.logOf()
	t.add(id)
	s.tables[part].fresh++
	log.enters = append(log.enters, enter{part: uint16(part), id: id})
	return len(t.ids) - 1
}

// Rows returns how many rows a part has.
func (s *Stream) Rows(part int) int { return len(s.IDs(part)) }

// IDs returns the entity ids of a part in row order, valid until the next Begin.
func (s *Stream) IDs(part int) []uint32 { return s.at(0).parts[part].ids }

// R returns the published values of a column by row, valid until the next Commit.
// Between Enter and Commit they are still those of the send tick before, and 0 in
// rows that have just entered.
func (s *Stream) R(part, column int) []int32 {
	return s.at(0).parts[part].block(blockOf(s.parts[part].Columns, column))
}

// Targets returns where the caller writes the value S of every row of a column,
// once all rows have entered and before Commit.
func (s *Stream) Targets(part, column int) []int32 {
	b := &s.tables[part]
	n := s.Rows(part)
	if b.stride < n {
		// Whatever was written to other columns is kept: callers ask one by one.
		old := *b
		b.stride = s.at(0).parts[part].stride
		b.words = make([]int32, b.stride*len(s.parts[part].Columns))
		for c := range s.parts[part].Columns {
			copy(b.words[c*b.stride:], old.words[c*old.stride:(c+1)*old.stride])
		}
	}
	return b.words[column*b.stride:][:n:n]
}

// Intern returns the index that stands for text in the group's string columns. old
// is the index that the row has now, R of the column, and is released unless it
// stands for the same text; the caller must write the answer to Targets. "" is 0.
// Text is made valid UTF-8 and cut to MaxText bytes. When MaxStrings are in use, or
// resting until the history has passed over them, the answer is 0.
func (s *Stream) Intern(old int32, text string) int32 { return s.texts.intern(old, text, s.now) }
