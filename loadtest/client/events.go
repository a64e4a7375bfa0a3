package client

import "github.com/roomtick/roomtick/schema"

// maxEvents bounds the events that wait for the server's word. The server takes 20 a
// second.
const maxEvents = 256

// eventQueue holds what a bot's scenario told the server until the server says that it
// has it: each once, in order, across resumes. Guarded by the outbox.
type eventQueue struct {
	list   []event
	first  uint32 // sequence number of list[0]; they count from 1
	unsent int    // index of the first that this conn has not carried
	bytes  []byte // reused
}

type event struct {
	typ     uint32
	payload []byte
}

// add queues an event. It reports false if too many wait.
func (q *eventQueue) add(typ uint32, payload []byte) bool {
	if q.first == 0 {
		q.first = 1
	}
	if len(q.list) >= maxEvents {
		return false
	}
	q.list = append(q.list, event{typ, payload})
	return true
}

// take returns the events that this conn has not carried yet, as ClientFrame has them.
func (q *eventQueue) take() (records []byte, seq uint32) {
	if q.unsent == len(q.list) {
		return nil, 0
	}
	seq, q.bytes = q.first+uint32(q.unsent), q.bytes[:0]
	for _, e := range q.list[q.unsent:] {
		q.bytes = schema.AppendClientEvent(q.bytes, e.typ, e.payload)
	}
	q.unsent = len(q.list)
	return q.bytes, seq
}

// acked drops the events up to a sequence number, of which the low 16 bits are known.
func (q *eventQueue) acked(low uint16) {
	if len(q.list) == 0 {
		return
	}
	known := int(int16(low-uint16(q.first))) + 1 // how many of the list
	if known <= 0 || known > len(q.list) {
		return
	}
	q.list = append(q.list[:0], q.list[known:]...)
	q.first += uint32(known)
	q.unsent = max(0, q.unsent-known)
}

// again makes a new conn carry everything that waits.
func (q *eventQueue) again() { q.unsent = 0 }
