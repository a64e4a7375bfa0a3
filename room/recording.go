package room

import (
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

const (
	// keyEvery is the time between two keyframes of a recording, in seconds: how long a
	// spectator waits at most for the first picture.
	keyEvery = 2

	// maxRecording bounds the bytes of deltas and events that a recording keeps. Beyond
	// it nothing more is recorded until the oldest has been shown.
	maxRecording = 32 << 20
)

// recording is what a viewer of all public groups was sent, for as long as spectators
// are behind: frames made once, shown to every spectator later. Owned by the room
// goroutine.
type recording struct {
	eye    seat // the viewer; it sees groups and holds copies, and has no player
	ring   []moment
	next   uint32 // send ticks recorded; ring[(next-1)%len] is the newest
	keys   uint32 // send ticks between two keyframes
	bytes  int    // of everything in ring
	full   bool   // the last send tick could not be kept
	seen   uint64 // the publisher's groups when eye.held was found
	events []outEvent
}

// moment is one send tick of a recording.
type moment struct {
	tick   uint32
	step   []byte // from the send tick before; empty if that was not recorded
	flags  uint8  // of step
	key    []byte // from nothing, or empty
	events []byte // since the moment before
	count  uint32 // of events
}

func (m *moment) size() int { return len(m.step) + len(m.key) + len(m.events) }

// newRecording keeps delay send ticks, and some more for spectators who are slow.
func newRecording(delay, sendRate int) *recording {
	keys := keyEvery * sendRate
	return &recording{ring: make([]moment, delay+2*keys), keys: uint32(keys)}
}

// at returns the moment of a send tick of the recording, nil if it is not kept any more
// or not made yet.
func (rec *recording) at(n uint32) *moment {
	if age := rec.next - n; age == 0 || age > uint32(len(rec.ring)) || age > rec.next {
		return nil
	}
	m := &rec.ring[n%uint32(len(rec.ring))]
	if len(m.step) == 0 && len(m.key) == 0 {
		return nil
	}
	return m
}

// note keeps an event for the next moment.
func (rec *recording) note(e outEvent) { rec.events = append(rec.events, e) }

// record makes the moment of this send tick.
func (r *Room) record(rec *recording) {
	r.findPublic(rec)
	m := &rec.ring[rec.next%uint32(len(rec.ring))]
	rec.bytes -= m.size()
	m.tick, m.flags, m.count = r.sim.Tick(), 0, 0
	m.step, m.key, m.events = m.step[:0], m.key[:0], m.events[:0]
	if rec.bytes > maxRecording {
		rec.full = true
	} else {
		r.recordDeltas(rec, m)
		for _, e := range rec.events {
			m.events = appendEvent(m.events, m.tick, &e)
			m.count++
		}
	}
	clear(rec.events)
	rec.events = rec.events[:0]
	rec.bytes += m.size()
	rec.next++
}

func (r *Room) recordDeltas(rec *recording, m *moment) {
	if rec.next%rec.keys == 0 || rec.full {
		rec.eye.reset = true
		r.collectPieces(&rec.eye)
		m.key = appendPieces(m.key, r.frame.pieces)
		rec.eye.reset = false
	}
	if rec.next > 0 && !rec.full {
		if forms := r.collectPieces(&rec.eye); forms[formStep] > 0 {
			m.flags = schema.HeadPrologue
		}
		m.step = appendPieces(m.step, r.frame.pieces)
	}
	rec.full = false
	rec.eye.copies, r.frame.copies = r.frame.copies, rec.eye.copies
}

// findPublic brings what the eye sees up to date. It does not keep groups in being that
// nobody else sees.
func (r *Room) findPublic(rec *recording) {
	if rec.seen == r.pub.changed && rec.eye.held != nil {
		return
	}
	rec.seen = r.pub.changed
	held := &groupSet{}
	for _, g := range r.pub.order {
		if r.isPublic(g.key) {
			held.list, held.every = append(held.list, g), append(held.every, 1)
		}
	}
	rec.eye.held = held
}

// isPublic reports whether spectators see a group: never what is one player's own.
func (r *Room) isPublic(key sim.Group) bool {
	return key.Kind() != sim.KindPlayer && r.sim.Spectated(key)
}
