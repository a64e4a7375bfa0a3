package room

import (
	"slices"

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
	next   uint64   // send ticks recorded; ring[(next-1)%len] is the newest
	keys   uint64   // send ticks between two keyframes; the ring's length is a multiple of it
	bytes  int      // that everything in ring takes
	full   bool     // the last send tick could not be kept
	public groupSet // scratch
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

func (m *moment) size() int { return cap(m.step) + cap(m.key) + cap(m.events) }

// newRecording keeps delay send ticks, and some more for spectators who are slow.
func newRecording(delay, sendRate int) *recording {
	keys := keyEvery * sendRate
	length := (delay/keys + 3) * keys // each keyframe overwrites one
	return &recording{ring: make([]moment, length), keys: uint64(keys)}
}

// at returns the moment of a send tick of the recording, nil if it is not kept any more
// or not made yet.
func (rec *recording) at(n uint64) *moment {
	if n >= rec.next || rec.next-n > uint64(len(rec.ring)) {
		return nil
	}
	m := &rec.ring[n%uint64(len(rec.ring))]
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
	m := &rec.ring[rec.next%uint64(len(rec.ring))]
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
		r.collectPieces(&rec.eye, 0)
		m.key = appendPieces(m.key, r.frame.pieces)
		rec.eye.reset = false
	}
	if rec.next > 0 && !rec.full {
		if forms := r.collectPieces(&rec.eye, 0); forms[formStep] > 0 {
			m.flags = schema.HeadPrologue
		}
		m.step = appendPieces(m.step, r.frame.pieces)
	}
	rec.full = false
	rec.eye.copies, r.frame.copies = r.frame.copies, rec.eye.copies
}

// mostPublic is how many groups a client holds, PROTOCOL.md 4.9.
const mostPublic = 4096

// findPublic finds what spectators see at this send tick. It does not keep groups in
// being that nobody else sees.
func (r *Room) findPublic(rec *recording) {
	now := &rec.public
	now.list, now.every = now.list[:0], now.every[:0]
	for _, g := range r.pub.order {
		if len(now.list) < mostPublic && r.isPublic(g.key) {
			now.list, now.every = append(now.list, g), append(now.every, 1)
		}
	}
	if rec.eye.held == nil || !rec.eye.held.equal(now) {
		rec.eye.held = &groupSet{list: slices.Clone(now.list), every: slices.Clone(now.every)}
	}
}

// isPublic reports whether spectators see a group: never what is one player's own.
func (r *Room) isPublic(key sim.Group) bool {
	return key.Kind() != sim.KindPlayer && r.sim.Spectated(key)
}
