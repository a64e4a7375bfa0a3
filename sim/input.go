package sim

import (
	"reflect"
	"unsafe"
)

// Inputs holds what every player asks for this tick: one I a seat, a plain struct. A
// game has exactly one Inputs. A tick for which nothing arrived repeats the newest
// input with its edge fields cleared.
type Inputs[I any] struct {
	values []I // by seat
	brain  Brain[I]
}

// Of returns a player's input of this tick.
func (in *Inputs[I]) Of(p *Player) I {
	if int(p.Seat) >= len(in.values) {
		var zero I
		return zero
	}
	return in.values[p.Seat]
}

func (in *Inputs[I]) element() reflect.Type { return reflect.TypeFor[I]() }

// attach finds the game's brain, if it has one for this type of input.
func (in *Inputs[I]) attach(game Game) { in.brain, _ = game.(Brain[I]) }

func (in *Inputs[I]) hasBrain() bool { return in.brain != nil }

// at returns the place of a seat's input, making room for it.
func (in *Inputs[I]) at(s Seat) unsafe.Pointer {
	for len(in.values) <= int(s) {
		var zero I
		in.values = append(in.values, zero)
	}
	return unsafe.Pointer(&in.values[s])
}

// think lets the brain set a player's input.
func (in *Inputs[I]) think(w *World, p *Player) {
	if in.brain == nil {
		return
	}
	v := in.brain.Think(w, p)
	*(*I)(in.at(p.Seat)) = v
}

func (in *Inputs[I]) zero(s Seat) {
	var zero I
	*(*I)(in.at(s)) = zero
}
