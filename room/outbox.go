package room

import "github.com/roomtick/roomtick/schema"

// maxOutbox bounds the bytes of events a seat may have unacknowledged, on the wire
// or while its player is away.
const maxOutbox = 256 << 10

// maxEventBytes bounds the events of one frame, so that a resume with a full outbox
// does not become one huge frame; the rest follows in the next ones.
const maxEventBytes = 32 << 10

// outEvent is one event on its way to a seat. The payload is shared by all seats
// that get it.
type outEvent struct {
	tick    uint32
	typ     uint32
	payload []byte
}

// outbox keeps a seat's events until they are acknowledged. Sequences start at 1.
type outbox struct {
	queue []outEvent // queue[0] has sequence acked+1
	acked uint32     // newest acknowledged, or dropped
	sent  uint32     // newest sequence sent on this conn
	bytes int
	lost  uint32 // events after the ones a returning client has that will never come
}

const eventOverhead = 64 // an entry beside its payload, with the slack of a grown slice

// add queues an event and reports false if the outbox is over its limit.
func (o *outbox) add(e outEvent) bool {
	o.queue = append(o.queue, e)
	o.bytes += len(e.payload) + eventOverhead
	return o.bytes <= maxOutbox
}

// shed drops the oldest events until the limit holds; for seats that are away.
func (o *outbox) shed() {
	n := 0
	for o.bytes > maxOutbox {
		o.bytes -= len(o.queue[n].payload) + eventOverhead
		n++
	}
	o.drop(n)
}

// ack takes the newest sequence received; it returns false for one never sent.
func (o *outbox) ack(seq uint32) bool {
	n := int32(seq - o.acked)
	if n <= 0 {
		return true
	}
	if int32(seq-o.sent) > 0 {
		return false
	}
	for i := range n {
		o.bytes -= len(o.queue[i].payload) + eventOverhead
	}
	o.drop(int(n))
	return true
}

func (o *outbox) drop(n int) {
	o.acked += uint32(n)
	if int32(o.sent-o.acked) < 0 {
		o.sent = o.acked
	}
	rest := copy(o.queue, o.queue[n:])
	clear(o.queue[rest:])
	o.queue = o.queue[:rest]
}

// resume continues with a client that has everything up to seq, and works out what it
// has lost: that depends on what the client says it has, not on what we knew of that.
func (o *outbox) resume(seq uint32) {
	o.lost = uint32(max(0, int32(o.acked-seq)))
	if int32(seq-o.acked) >= 0 && int(seq-o.acked) <= len(o.queue) {
		o.sent = seq
		o.ack(seq)
	}
	o.sent = o.acked
}

// appendEvent writes one event for a frame of a tick.
func appendEvent(dst []byte, tick uint32, e *outEvent) []byte {
	return schema.AppendServerEvent(dst, tick-e.tick, e.typ, e.payload)
}

// append writes the events not yet sent on this conn, as of the frame's tick, and
// returns the sequence of the first and of the last one written.
func (o *outbox) append(dst []byte, tick uint32) (out []byte, first, last uint32) {
	first, last = o.sent+1, o.sent
	for i := int(o.sent - o.acked); i < len(o.queue) && len(dst) < maxEventBytes; i++ {
		dst = appendEvent(dst, tick, &o.queue[i])
		last++
	}
	return dst, first, last
}
