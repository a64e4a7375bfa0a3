package schema

import (
	"encoding/binary"

	"github.com/roomtick/roomtick/schema/wire"
)

// plain is what most frames are: a snapshot's head and deltas and nothing else. All of it
// before the deltas has the same bytes in every such frame, but for the head and their
// length, so it is made once with FlatBuffers and patched from then on:
//
//	| root | vtable | ServerFrame with its SnapshotHead | length | deltas |
type plain struct {
	buf    []byte // the frame made last
	before int    // bytes before the deltas; 0 until the first frame
	head   int    // where the SnapshotHead is
}

// SnapshotFrame returns the message that ServerFrame would for a snapshot with this head,
// the pieces as its deltas, and nothing else, at a tenth of the price, but for the zeros
// with which FlatBuffers fill up the last word. It is valid until the next call.
func (b *Builder) SnapshotFrame(h *SnapshotHead, pieces ...[]byte) []byte {
	n := 0
	for _, piece := range pieces {
		n += len(piece)
	}
	if n == 0 { // then there is no vector
		return b.ServerFrame(&ServerFrame{HasSnapshot: true, Snapshot: *h})
	}
	p := &b.plain
	if p.before == 0 {
		p.learn(b)
	}
	p.buf = p.buf[:p.before]
	for _, piece := range pieces {
		p.buf = append(p.buf, piece...)
	}
	binary.LittleEndian.PutUint32(p.buf[p.before-4:], uint32(n))
	h.put(p.buf[p.head:])
	return p.buf
}

// learn makes the part that does not change.
func (p *plain) learn(b *Builder) {
	deltas := make([]byte, 4)
	frame := b.ServerFrame(&ServerFrame{HasSnapshot: true, Deltas: deltas})
	p.buf = append(p.buf, frame...)
	p.before = len(frame) - len(deltas)
	var at wire.SnapshotHead
	p.head = int(wire.GetRootAsServerFrame(frame, 0).Snapshot(&at).Table().Pos)
}

// put writes the struct SnapshotHead of protocol.fbs.
func (h *SnapshotHead) put(dst []byte) {
	binary.LittleEndian.PutUint32(dst, h.Tick)
	binary.LittleEndian.PutUint16(dst[4:], h.InputAck)
	dst[6], dst[7] = byte(h.InputHealth), h.Flags
}
