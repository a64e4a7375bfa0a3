package sim

import (
	"iter"
	"reflect"
	"slices"
	"unsafe"
)

// ClientEvent is something that players tell the game, once and in order, such as a
// line of chat. E is a plain struct. Declare it as a field of the game's struct.
type ClientEvent[E any] struct {
	world *World
	queue []clientRecord[E] // of this tick, in seat order
}

type clientRecord[E any] struct {
	seat  Seat
	event E
}

// All yields the events that apply at this tick: in seat order, those of one player as
// it sent them.
func (ev *ClientEvent[E]) All() iter.Seq2[*Player, E] {
	return func(yield func(*Player, E) bool) {
		for i := range ev.queue {
			r := &ev.queue[i]
			if p := ev.world.Player(r.seat); p != nil && !yield(p, r.event) {
				return
			}
		}
	}
}

func (ev *ClientEvent[E]) element() reflect.Type { return reflect.TypeFor[E]() }
func (ev *ClientEvent[E]) fromClient() bool      { return true }
func (ev *ClientEvent[E]) attach(w *World, _ *record, _ uint32) {
	ev.world = w
}

// push makes place for an event of a seat, behind those of the same seat.
func (ev *ClientEvent[E]) push(s Seat) unsafe.Pointer {
	at := len(ev.queue)
	for at > 0 && ev.queue[at-1].seat > s {
		at--
	}
	ev.queue = slices.Insert(ev.queue, at, clientRecord[E]{seat: s})
	return unsafe.Pointer(&ev.queue[at].event)
}

// clear forgets the events of the tick that has ended.
func (ev *ClientEvent[E]) clear() {
	clear(ev.queue)
	ev.queue = ev.queue[:0]
}

// drop forgets the events of a seat whose player has left.
func (ev *ClientEvent[E]) drop(s Seat) {
	ev.queue = slices.DeleteFunc(ev.queue, func(r clientRecord[E]) bool { return r.seat == s })
}
