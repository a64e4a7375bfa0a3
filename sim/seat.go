package sim

import (
	"fmt"
	"reflect"
)

// Join seats a player and calls the game's Join. It does nothing if the seat is taken
// or is NoSeat.
func (i *Instance) Join(info PlayerInfo) {
	if info.Seat == NoSeat || i.world.Player(info.Seat) != nil {
		return
	}
	p := &Player{Seat: info.Seat, ID: info.ID, Name: info.Name, Bot: info.Bot, Connected: true, MatchTeam: info.MatchTeam, Role: info.Role}
	i.world.seat(p)
	i.input.zero(p.Seat)
	for _, store := range i.stores {
		store.present(p.Seat)
	}
	i.game.Join(i.world, p)
}

// Leave calls the game's Leave and empties the seat, so that its next player inherits
// nothing: what the player owned becomes nobody's, what only it could see is seen by
// nobody, and what was sent to it alone and has not gone out is forgotten.
func (i *Instance) Leave(s Seat) {
	p := i.world.Player(s)
	if p == nil {
		return
	}
	i.game.Leave(i.world, p)
	i.world.players[s] = nil
	i.input.zero(s)
	for _, store := range i.stores {
		store.disown(s)
		store.conceal(s)
	}
	i.world.out.forget(s)
	for _, ev := range i.events {
		if ev, ok := ev.(clientEventMember); ok {
			ev.drop(s)
		}
	}
}

// Drop tells the game that a player's conn is lost and its seat is kept. Nobody holds
// its keys meanwhile: the seat's input is the zero input until it resumes.
func (i *Instance) Drop(s Seat) {
	p := i.world.Player(s)
	if p == nil || !p.Connected {
		return
	}
	p.Connected = false
	i.input.zero(s)
	if g, ok := i.game.(Dropper); ok {
		g.Drop(i.world, p)
	}
}

// Resume tells the game that a dropped player is back.
func (i *Instance) Resume(s Seat) {
	p := i.world.Player(s)
	if p == nil || p.Connected {
		return
	}
	p.Connected = true
	if g, ok := i.game.(Resumer); ok {
		g.Resume(i.world, p)
	}
}

// ApplyInput sets a seat's input of the coming tick. A payload that CheckInput refuses
// counts as none.
func (i *Instance) ApplyInput(s Seat, payload []byte) {
	p := i.world.Player(s)
	if p == nil || i.def.input.checkPayload(payload) != nil {
		return
	}
	i.def.input.readPayload(payload, i.input.at(s))
	p.fresh = true
}

// SetInput is ApplyInput for whoever has the game's own input value, as its tests do: it
// arrives as it would over the wire, rounded to its steps and clamped to its ranges. It
// panics if input is not of the game's input type.
func (i *Instance) SetInput(s Seat, input any) {
	v := reflect.ValueOf(input)
	if want := i.input.element(); !v.IsValid() || v.Type() != want {
		panic(fmt.Sprintf("sim: SetInput was given %T, the inputs of %s are %s", input, i.def.Name(), want))
	}
	at := reflect.New(v.Type())
	at.Elem().Set(v)
	i.ApplyInput(s, i.def.input.appendPayload(nil, at.UnsafePointer()))
}

// RepeatInput makes the coming tick repeat a seat's newest input with its edge fields
// cleared; before any input that is the zero input. Step does so by itself for seats
// that were told nothing.
func (i *Instance) RepeatInput(s Seat) {
	if p := i.world.Player(s); p != nil {
		i.def.input.clearEdges(i.input.at(s))
		p.fresh = true
	}
}

// MergeLate adds the edge fields of an input that came after its tick to the input of
// the coming tick.
func (i *Instance) MergeLate(s Seat, payload []byte) {
	p := i.world.Player(s)
	if p == nil || i.def.input.checkPayload(payload) != nil {
		return
	}
	if !p.fresh {
		i.RepeatInput(s)
	}
	i.def.input.mergeEdges(payload, i.input.at(s))
}

// ClientEvent queues an event of a seat's player for the coming tick. What CheckEvent
// refuses is dropped.
func (i *Instance) ClientEvent(s Seat, typ uint32, payload []byte) {
	if i.world.Player(s) == nil || i.def.CheckEvent(typ, payload) != nil {
		return
	}
	if ev, ok := i.events[typ].(clientEventMember); ok {
		i.def.events[typ].readPayload(payload, ev.push(s))
	}
}
