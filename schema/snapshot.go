package schema

import (
	"encoding/binary"

	"github.com/roomtick/roomtick/schema/wire"
)

// plain is what most frames are: a snapshot's head and deltas and nothing else. All of it
// before the deltas has the same bytes in every such frame, but for the head and two
// lengths, so it is made once with FlatBuffers and patched from then on:
//
//	| prefix | root | vtable | ServerFrame with its SnapshotHead | length | deltas | 0 to 3 zeros |
type plain struct {
	buf    []byte // the frame made last
	before int    // bytes before the deltas; 0 until the first frame
	head   int    // where the SnapshotHead is
}

// SnapshotFrame returns the message that ServerFrame would for a snapshot with this head,
// the pieces as its deltas, and nothing else, at a tenth of the price. It is valid until
// the next call.
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
	p.buf = append(p.buf, "\x00\x00\x00"[:-n&3]...)
	binary.LittleEndian.PutUint32(p.buf, uint32(len(p.buf)-4))
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
	p.head = int(wire.GetSizePrefixedRootAsServerFrame(frame, 0).Snapshot(&at).Table().Pos)
}

// put writes the struct SnapshotHead of protocol.fbs.
func (h *SnapshotHead) put(dst []byte) {
	binary.LittleEndian.PutUint32(dst, h.Tick)
	binary.LittleEndian.PutUint16(dst[4:], h.Epoch)
	binary.LittleEndian.PutUint16(dst[6:], h.InputAck)
	binary.LittleEndian.PutUint16(dst[8:], h.EventAck)
	dst[10], dst[11] = byte(h.InputHealth), h.Flags
}
