package sim

import "slices"

// OutEvent is an event on its way to players.
type OutEvent struct {
	Type    uint32 // index into the descriptor's events
	Group   Group  // its audience, if Seat is NoSeat
	Seat    Seat   // its only receiver, or NoSeat
	Payload []byte // PROTOCOL.md section 8; valid until the next Step
}

// Kick is a player the game wants removed.
type Kick struct {
	Seat   Seat
	Reason string
}

// outbox collects what a tick, and the joins and leaves before it, sent to the outside.
// It is sealed when the tick ends, and emptied by whatever is sent after that.
type outbox struct {
	sealed bool
	events []OutEvent
	kicks  []Kick
	buf    []byte // of all payloads
}

// forget drops what is for one seat alone.
func (o *outbox) forget(s Seat) {
	o.events = slices.DeleteFunc(o.events, func(e OutEvent) bool {
		return e.Seat == s || e.Group == Only(s)
	})
}

// open empties a sealed outbox.
func (o *outbox) open() {
	if !o.sealed {
		return
	}
	o.sealed = false
	clear(o.kicks)
	o.events, o.kicks, o.buf = o.events[:0], o.kicks[:0], o.buf[:0]
}
