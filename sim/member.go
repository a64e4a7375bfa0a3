package sim

import (
	"reflect"
	"unsafe"
)

// member is a field of the game's struct that the engine works with.
type member struct {
	field  int // of the struct
	number int // of the table or event on the wire
}

// tableMember is a *Table[T] or a *Single[T].
type tableMember interface {
	element() reflect.Type
	single() bool
	attach(*Store)
}

// inputMember is an *Inputs[I].
type inputMember interface {
	element() reflect.Type
	attach(Game)
	hasBrain() bool
	at(Seat) unsafe.Pointer
	think(*World, *Player)
	zero(Seat)
}

// eventMember is an *Event[E] or a *ClientEvent[E].
type eventMember interface {
	element() reflect.Type
	fromClient() bool
	attach(*World, *record, uint32)
}

// clientEventMember is a *ClientEvent[E].
type clientEventMember interface {
	push(Seat) unsafe.Pointer
	clear()
	drop(Seat)
}

// isMember reports whether t is a Table, Single, Inputs, Event or ClientEvent.
func isMember(t reflect.Type) bool {
	switch reflect.New(t).Interface().(type) {
	case tableMember, inputMember, eventMember:
		return true
	}
	return false
}
