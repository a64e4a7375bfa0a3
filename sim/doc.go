// Package sim is what a game is: plain structs with tags, compiled once into an
// offset plan, and a Step over them. It owns the tables, the inputs, the events, the
// random numbers and the checkpoint of one running game, and knows no clock, no
// network, no goroutine and no logger: time enters as a tick number.
//
// A game author uses Define, Table, Single, Inputs, Event, ClientEvent, World and
// Player. The room that runs the game uses Definition, Instance and Store.
//
// # Sync tags
//
// A field of an entity travels if it is exported and has a sync tag; all others are
// private. The tag is a list of words:
//
//	min=, max=, step=   a float becomes a whole number of steps above min
//	tolerance=          how far clients may be off, in the field's unit; half a step or more
//	angle, bits=        radians in 2^bits parts of a turn (10 bits unless given)
//	quat                a [4]float32 of x, y, z, w and unit length; needs step=
//	predict             clients run the game ahead: snapped in the simulation, exact
//	owner               only the owner of the entity receives it
//	once                sent when the entity comes into view, then never again
//	lerp                clients smooth it
//	edge                inputs only: cleared when an input is repeated
//
// max= alone is the length of a string in bytes, 64 unless given; min= and max= on an
// integer are its range. A float without step travels with all its bits. Values out of
// range are clamped and counted, NaN becomes the minimum or 0.
//
// Fields may be bools, integers and floats of fixed size, named types of these (enums),
// strings, arrays of them, and structs, whose fields are "pos.x" to clients. The fields of
// a struct that have no tag of their own take that of the struct's field. An embedded
// struct's fields belong to the outer struct.
//
// In inputs and events every field travels, tagged or not, and all must be exported.
package sim
