package sim

import (
	"reflect"
	"unsafe"
)

// Event is something that players must be told, once and in order, such as a hit. E is
// a plain struct. Declare it as a field of the game's struct, tagged `sync:"timed"` if
// clients shall deliver it when they draw its tick rather than when they receive it.
type Event[E any] struct {
	out    *outbox
	record *record
	number uint32
}

// Send tells everyone who sees g at the end of this tick. The event is encoded once.
func (ev *Event[E]) Send(g Group, e E) { ev.send(g, NoSeat, &e) }

// SendTo tells one player.
func (ev *Event[E]) SendTo(p *Player, e E) { ev.send(Only(p.Seat), p.Seat, &e) }

func (ev *Event[E]) send(g Group, s Seat, e *E) {
	o := ev.out
	o.open()
	from := len(o.buf)
	o.buf = ev.record.appendPayload(o.buf, unsafe.Pointer(e))
	o.events = append(o.events, OutEvent{
		Type: ev.number, Group: g, Seat: s, Payload: o.buf[from:len(o.buf):len(o.buf)],
	})
}

func (ev *Event[E]) element() reflect.Type { return reflect.TypeFor[E]() }
func (ev *Event[E]) fromClient() bool      { return false }
func (ev *Event[E]) attach(w *World, r *record, number uint32) {
	ev.out, ev.record, ev.number = &w.out, r, number
}
