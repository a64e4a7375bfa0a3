package delta

import "github.com/roomtick/roomtick/schema"

// Kind is what sort of group bits were spent on: those of Group.Kind, and the rings of
// cells around a view, which are sent less often than every send tick.
type Kind int

// Far is the kind beyond those of Group.Kind.
const (
	Far   Kind = groupKinds
	kinds      = groupKinds + 1
)

// String returns the name used in reports.
func (k Kind) String() string {
	names := [kinds]string{"world", "cell", "team", "player", "custom", "far"}
	if k < 0 || k >= kinds {
		return "unknown"
	}
	return names[k]
}

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{0, 1, 2, 3, 4, Far} }

// Ledger books the bits of a room's encodings: once as made, and once for everybody who
// was sent them. What is sent is known only when the send tick is over: Settle, before
// the streams begin the next one, carries it into the sums. Owned by the room goroutine.
type Ledger struct {
	// Set once by NewLedger.
	first []int // by part, where its columns begin
	width int   // of a bill

	bills []bill // of this send tick's encodings
	bits  []uint32

	told  [2]int64 // copies sent of this send tick's prologues: whole, changes
	sizes [2]int64 // their bits

	// Bits in an order of the ledger's own, see Overhead, Kind and Column.
	Made []uint64
	Sent []uint64
}

// bill says how often an encoding was sent. Its bits are width words of Ledger.bits.
type bill struct {
	kind      uint8
	near, far int32
}

// NewLedger books columns of these parts.
func NewLedger(parts []schema.Part) *Ledger {
	l := &Ledger{width: int(overheads)}
	for i := range parts {
		l.first = append(l.first, l.width)
		l.width += len(parts[i].Columns)
	}
	l.Made, l.Sent = make([]uint64, l.width+kinds), make([]uint64, l.width+kinds)
	return l
}

// Column returns where Made and Sent have a column.
func (l *Ledger) Column(part, column int) int { return l.first[part] + column }

// Overhead returns where Made and Sent have a kind of overhead.
func (l *Ledger) Overhead(o Overhead) int { return int(o) }

// Kind returns where Made and Sent have a kind of group: all bits of its deltas once
// more. Prologues and the records of groups out of sight are of no kind.
func (l *Ledger) Kind(k Kind) int { return l.width + int(k) }

// Encodings returns how many there were since the last Settle.
func (l *Ledger) Encodings() int { return len(l.bills) }

// open begins the bill of an encoding and returns its number.
func (l *Ledger) open(kind uint8) int {
	l.bills = append(l.bills, bill{kind: kind})
	need := len(l.bills) * l.width
	if cap(l.bits) < need {
		grown := make([]uint32, need, 2*need)
		copy(grown, l.bits)
		l.bits = grown
	}
	l.bits = l.bits[:need]
	clear(l.bits[need-l.width:])
	return len(l.bills) - 1
}

// run returns the words of a bill, valid until the next one is opened.
func (l *Ledger) run(number int) []uint32 { return l.bits[number*l.width:][:l.width] }

// Prologue books copies more of the send tick's prologue, which is so many bytes.
func (l *Ledger) Prologue(changes bool, bytes, copies int) {
	form := 0
	if changes {
		form = 1
	}
	l.told[form] += int64(copies)
	l.sizes[form] = int64(bytes) * 8
}

// Other books bytes sent that are no encoding of a stream.
func (l *Ledger) Other(o Overhead, bytes, copies int) {
	l.Sent[o] += uint64(int64(bytes) * 8 * int64(copies))
}

// Settle carries what was made and sent since the last time into the sums.
func (l *Ledger) Settle() {
	for i := range l.bills {
		b := &l.bills[i]
		copies, total := uint64(b.near+b.far), uint64(0)
		for place, n := range l.run(i) {
			l.Made[place] += uint64(n)
			l.Sent[place] += uint64(n) * copies
			total += uint64(n)
		}
		kind := Kind(b.kind)
		if b.near == 0 && b.far > 0 {
			kind = Far
		}
		l.Made[l.Kind(kind)] += total
		l.Sent[l.Kind(Kind(b.kind))] += total * uint64(b.near)
		l.Sent[l.Kind(Far)] += total * uint64(b.far)
	}
	for form, copies := range l.told {
		if copies > 0 {
			l.Made[Shared] += uint64(l.sizes[form])
			l.Sent[Shared] += uint64(l.sizes[form] * copies)
		}
	}
	l.bills, l.bits, l.told = l.bills[:0], l.bits[:0], [2]int64{}
}

// SetLedger makes the stream book its encodings in l from the next Begin on. Streams of
// one room share a ledger.
func (s *Stream) SetLedger(l *Ledger) { s.ledger = l }

// Sent books copies more of an encoding of this send tick as sent: that of Delta(back),
// or with a back of 0 the keyframe. far says that the client sees the group less often
// than at every send. A negative number takes back what did not get through.
func (s *Stream) Sent(back, copies int, far bool) {
	if s.ledger == nil {
		return
	}
	b := s.billOf(back)
	switch {
	case b == nil:
	case far:
		b.far += int32(copies)
	default:
		b.near += int32(copies)
	}
}

func (s *Stream) billOf(back int) *bill {
	if back == 0 {
		if !s.keyed {
			return nil
		}
		return &s.ledger.bills[s.keyBill]
	}
	for i := range s.used {
		if m := &s.memos[i]; m.back == back {
			return &s.ledger.bills[m.bill]
		}
	}
	return nil
}

// charge opens the bill of an encoding that begins.
func (s *Stream) charge() (number int) {
	if s.ledger == nil {
		return 0
	}
	number = s.ledger.open(s.kind)
	s.enc.bill, s.enc.first = s.ledger.run(number), s.ledger.first
	return number
}

// report books the bits written since the last report.
func (e *encoder) report(kind Overhead) { e.book(int(kind)) }

func (e *encoder) reportColumn(part, column int) {
	if e.bill != nil {
		e.book(e.first[part] + column)
	}
}

func (e *encoder) book(place int) {
	if e.bill != nil {
		e.bill[place] += uint32(e.w.Len() - e.mark)
		e.mark = e.w.Len()
	}
}
