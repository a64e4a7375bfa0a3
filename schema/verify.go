package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// ErrMalformed is wrapped by every error about bytes from the other side; the
// wrapping text says what is wrong with them. It ends the conn with CloseMalformed.
var ErrMalformed = errors.New("schema: malformed frame")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Sizes of FlatBuffers parts, in bytes.
const (
	prefixSize      = 4 // length of what follows
	offsetSize      = 4 // to a table, string or vector; also a vector's length
	tableHeadSize   = 4 // distance back to the vtable
	vtableHeadSize  = 4 // length of the vtable, length of the table
	vtableEntrySize = 2
)

// reader reads one FlatBuffer that nobody has looked at yet. FlatBuffers has no
// verifier in Go and its generated readers panic on bad offsets, so this one checks
// each position before it touches it:
//
//	prefix | root offset | ... vtable | table ... | vector or string ...
//
// The first mistake is kept in err, and reading goes on with zeros, so that callers
// check once at the end. Fields that this version does not know are skipped unread.
// Nothing is allocated except strings and the error.
type reader struct {
	buf    []byte // the frame after its prefix; offsets count from its start
	tables int    // how many more tables may be opened: a table may be named many times
	err    error
}

// table is one verified FlatBuffers table. The zero value has no fields.
type table struct {
	at     int // of the table in reader.buf
	size   int // of the table's own bytes
	vtable int // of the vtable in reader.buf
	slots  int // length of the vtable in bytes, header included
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = malformed(what)
	}
}

// open checks the frame's length prefix and returns the root table. budget is the
// number of tables the frame may hold.
func (r *reader) open(frame []byte, budget int) table {
	if len(frame) < prefixSize+offsetSize {
		r.fail("shorter than a prefix and a root")
		return table{}
	}
	if uint64(binary.LittleEndian.Uint32(frame)) != uint64(len(frame)-prefixSize) {
		r.fail("length prefix differs from the length")
		return table{}
	}
	return r.root(frame[prefixSize:], budget)
}

// root returns the root table of a buffer without a prefix.
func (r *reader) root(buf []byte, budget int) table {
	r.buf, r.tables = buf, budget
	if len(buf) < offsetSize {
		r.fail("shorter than a root")
		return table{}
	}
	return r.table(0)
}

// follow returns where the offset stored at the verified position at points to: at
// least four bytes before the end, always forward, so no chain of offsets can loop.
func (r *reader) follow(at int) (int, bool) {
	distance := binary.LittleEndian.Uint32(r.buf[at:])
	if distance < offsetSize || uint64(distance) > uint64(len(r.buf)-at-offsetSize) {
		r.fail("offset points outside the frame")
		return 0, false
	}
	return at + int(distance), true
}

// table opens the table that the offset at the verified position at points to.
func (r *reader) table(at int) table {
	pos, ok := r.follow(at)
	if !ok {
		return table{}
	}
	if r.tables--; r.tables < 0 {
		r.fail("too many tables")
		return table{}
	}
	back := int64(int32(binary.LittleEndian.Uint32(r.buf[pos:])))
	vtable := int64(pos) - back
	if vtable < 0 || vtable > int64(len(r.buf)-vtableHeadSize) {
		r.fail("vtable outside the frame")
		return table{}
	}
	t := table{at: pos, vtable: int(vtable)}
	t.slots = int(binary.LittleEndian.Uint16(r.buf[t.vtable:]))
	t.size = int(binary.LittleEndian.Uint16(r.buf[t.vtable+2:]))
	if t.slots < vtableHeadSize || t.slots%vtableEntrySize != 0 || t.slots > len(r.buf)-t.vtable {
		r.fail("vtable has a wrong length")
		return table{}
	}
	if t.size < tableHeadSize || t.size > len(r.buf)-t.at {
		r.fail("table has a wrong length")
		return table{}
	}
	return t
}

// field returns where the size inline bytes of a field are, 0 if t lacks the field.
func (r *reader) field(t table, id, size int) int {
	slot := vtableHeadSize + vtableEntrySize*id
	if slot+vtableEntrySize > t.slots {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(r.buf[t.vtable+slot:]))
	if offset == 0 {
		return 0
	}
	if offset < tableHeadSize || offset+size > t.size {
		r.fail("field outside its table")
		return 0
	}
	return t.at + offset
}

func (r *reader) u8(t table, id int) uint8 {
	if at := r.field(t, id, 1); at > 0 {
		return r.buf[at]
	}
	return 0
}

func (r *reader) bool(t table, id int) bool { return r.u8(t, id) != 0 }

func (r *reader) u16(t table, id int) uint16 {
	if at := r.field(t, id, 2); at > 0 {
		return binary.LittleEndian.Uint16(r.buf[at:])
	}
	return 0
}

func (r *reader) u32(t table, id int) uint32 {
	if at := r.field(t, id, 4); at > 0 {
		return binary.LittleEndian.Uint32(r.buf[at:])
	}
	return 0
}

func (r *reader) u64(t table, id int) uint64 {
	if at := r.field(t, id, 8); at > 0 {
		return binary.LittleEndian.Uint64(r.buf[at:])
	}
	return 0
}

func (r *reader) f64(t table, id int) float64 {
	if at := r.field(t, id, 8); at > 0 {
		return r.f64At(at)
	}
	return 0
}

// f64At reads a finite number from a verified position.
func (r *reader) f64At(at int) float64 {
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.buf[at:]))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail("number is not finite")
		return 0
	}
	return v
}

// child opens the table that a field refers to; ok is false if there is none.
func (r *reader) child(t table, id int) (c table, ok bool) {
	at := r.field(t, id, offsetSize)
	if at == 0 {
		return table{}, false
	}
	c = r.table(at)
	return c, r.err == nil
}

// vector returns where the elements of a vector are and how many; count is 0 and at
// is 0 if t lacks it. More than limit elements are an error.
func (r *reader) vector(t table, id, size, limit int) (at, count int) {
	field := r.field(t, id, offsetSize)
	if field == 0 {
		return 0, 0
	}
	at, ok := r.follow(field)
	if !ok {
		return 0, 0
	}
	n := binary.LittleEndian.Uint32(r.buf[at:])
	at += offsetSize
	if uint64(n)*uint64(size) > uint64(len(r.buf)-at) {
		r.fail("vector reaches past the end")
		return 0, 0
	}
	if uint64(n) > uint64(limit) {
		r.fail("vector has too many elements")
		return 0, 0
	}
	return at, int(n)
}

// bytes returns a byte vector of at most limit bytes, nil if t lacks it. It aliases
// the frame and has no spare capacity, since what follows may not be its own.
func (r *reader) bytes(t table, id, limit int) []byte {
	at, n := r.vector(t, id, 1, limit)
	if at == 0 {
		return nil
	}
	return r.buf[at : at+n : at+n]
}

// text returns a copy of a string of at most limit bytes, "" if t lacks it.
func (r *reader) text(t table, id, limit int) string {
	at, n := r.vector(t, id, 1, limit)
	if at == 0 {
		return ""
	}
	if at+n >= len(r.buf) || r.buf[at+n] != 0 {
		r.fail("string without its final zero")
		return ""
	}
	b := r.buf[at : at+n]
	if !utf8.Valid(b) {
		r.fail("string is not UTF-8")
		return ""
	}
	return string(b)
}
