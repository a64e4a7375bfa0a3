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
// a tick wins, and what is too early or too late is dropped and counted.
type inputBuffer struct {
	size    int // payload bytes of one input
	have    [inputSlots]bool
	ticks   [inputSlots]uint32
	payload []byte // inputSlots payloads
	late    []byte // payloads whose edge fields wait for the next tick
	lateN   int

	newest  uint32 // newest tick buffered so far
	ack     uint32 // newest tick whose input was taken
	state   schema.InputState
	started bool
	far     int // far inputs in a row
}

func newInputBuffer(size int) inputBuffer {
	return inputBuffer{
		size:    size,
		payload: make([]byte, inputSlots*size),
		late:    make([]byte, inputsBehind*size),
	}
}

// inputFate says what became of an input that arrived.
type inputFate uint8

const (
	inputBuffered inputFate = iota
	inputDuplicate
	inputLate
	inputFar
)

// add takes an input for tick, where next is the tick to be simulated next.
func (b *inputBuffer) add(tick, next uint32, payload []byte) inputFate {
	ahead := int32(tick - next)
	if ahead < -inputsBehind || ahead > inputsAhead {
		b.far++
		return inputFar
	}
	b.far = 0
	if ahead < 0 {
		b.addLate(payload)
		return inputLate
	}
	i := tick % inputSlots
	if b.have[i] && b.ticks[i] == tick {
		return inputDuplicate
	}
	b.have[i], b.ticks[i] = true, tick
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

// feed gives the simulation this seat's input for tick.
func (b *inputBuffer) feed(in *sim.Instance, seat sim.Seat, tick uint32) {
	i := tick % inputSlots
	switch {
	case b.have[i] && b.ticks[i] == tick:
		in.ApplyInput(seat, b.slot(i))
		b.have[i] = false
		b.ack, b.state = tick, schema.InputApplied
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
	}
	b.lateN = 0
}

// health is how many ticks of input wait beyond tick; negative if the client is
// behind.
func (b *inputBuffer) health(tick uint32) int8 {
	if !b.started {
		return 0
	}
	return int8(max(-128, min(127, int32(b.newest-tick))))
}

// forget drops what a conn left behind, so that the next one starts afresh.
func (b *inputBuffer) forget() {
	clear(b.have[:])
	b.lateN, b.far, b.started = 0, 0, false
}
