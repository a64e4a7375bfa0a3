package room

import (
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

const (
	inputsBehind = 2  // ticks an input may be late and still give its edge fields
	inputsAhead  = 16 // ticks an input may be early: 0.8 s at 20 Hz
	maxFarInputs = 64 // far inputs in a row that close the conn

	inputSlots = 32 // ring size: a power of two above inputsAhead
)

// inputBuffer holds one seat's inputs by tick. It is bounded: the first input for
// a tick wins, and what is too early or too late is dropped and counted. One of a size, and
// nothing else, is empty.
type inputBuffer struct {
	size    int // payload bytes of one input
	mark    [inputSlots]inputMark
	ticks   [inputSlots]uint32 // which tick a slot's mark is for
	payload []byte             // inputSlots payloads; nil before the first: not every seat that is held is taken
	late    []byte             // inputsBehind payloads, likewise, whose edge fields wait for the next tick
	lateN   int
	views   [inputSlots]toldView // that came with them, by slot
	lateAt  toldView             // that came with the newest late one

	newest  uint32 // newest tick buffered so far
	ack     uint32 // newest tick whose input was taken
	state   schema.InputState
	started bool
	far     int // far inputs in a row
}

// inputMark says what is known of the input for a slot's tick.
type inputMark uint8

const (
	inputNone    inputMark = iota
	inputWaiting           // buffered
	inputTaken             // applied, or its edge fields merged: a copy sent again is not
)

// inputFate says what became of an input that arrived.
type inputFate uint8

const (
	inputBuffered inputFate = iota
	inputDuplicate
	inputLate
	inputFar
)

// add takes an input for tick, where next is the tick to be simulated next.
func (b *inputBuffer) add(tick, next uint32, payload []byte, view toldView) inputFate {
	ahead := int32(tick - next)
	if ahead < -inputsBehind || ahead > inputsAhead {
		b.far++
		return inputFar
	}
	b.far = 0
	i := tick % inputSlots
	if b.ticks[i] == tick && b.mark[i] != inputNone {
		return inputDuplicate
	}
	if b.payload == nil {
		b.payload, b.late = make([]byte, inputSlots*b.size), make([]byte, inputsBehind*b.size)
	}
	b.ticks[i] = tick
	if ahead < 0 {
		b.mark[i] = inputTaken
		b.addLate(payload)
		b.lateAt = view
		return inputLate
	}
	b.mark[i], b.views[i] = inputWaiting, view
	copy(b.slot(i), payload)
	if !b.started || int32(tick-b.newest) > 0 {
		b.newest, b.started = tick, true
	}
	return inputBuffered
}

func (b *inputBuffer) addLate(payload []byte) {
	if b.lateN < inputsBehind {
		copy(b.late[b.lateN*b.size:], payload)
		b.lateN++
	}
}

func (b *inputBuffer) slot(i uint32) []byte {
	return b.payload[int(i)*b.size : (int(i)+1)*b.size]
}

// feed gives the simulation this seat's input for tick, and returns the view that came
// with it, if one came.
func (b *inputBuffer) feed(in *sim.Instance, seat sim.Seat, tick uint32) (view toldView) {
	i := tick % inputSlots
	switch {
	case b.mark[i] == inputWaiting && b.ticks[i] == tick:
		in.ApplyInput(seat, b.slot(i))
		b.mark[i] = inputTaken
		b.ack, b.state = tick, schema.InputApplied
		view = b.views[i]
	case b.started:
		in.RepeatInput(seat)
		b.state = schema.InputRepeated
	default:
		in.RepeatInput(seat)
		b.state = schema.InputNone
	}
	for n := range b.lateN {
		in.MergeLate(seat, b.late[n*b.size:(n+1)*b.size])
	}
	if b.lateN > 0 && b.state != schema.InputApplied {
		b.state = schema.InputLate
		view = b.lateAt
	}
	b.lateN = 0
	return view
}

// health is how many ticks of input wait beyond tick; negative if the client is
// behind.
func (b *inputBuffer) health(tick uint32) int8 {
	if !b.started {
		return 0
	}
	return int8(max(-128, min(127, int32(b.newest-tick))))
}

// forget drops what a conn left behind, so that the next one starts afresh. What was
// taken stays known: a client that returns may send it again.
func (b *inputBuffer) forget() {
	for i := range b.mark {
		if b.mark[i] == inputWaiting {
			b.mark[i] = inputNone
		}
	}
	b.lateN, b.far, b.started = 0, 0, false
}
