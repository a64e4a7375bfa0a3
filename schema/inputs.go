package schema

import "encoding/binary"

// Layout of an inputs vector, PROTOCOL.md 6.1; every record has the same length.
//
//	| tick u32 | offset u8 | payload | offset u8 | payload | ... 1 to 8 records
const (
	inputTickSize   = 4
	inputOffsetSize = 1
	minInputs       = inputTickSize + inputOffsetSize
)

// AppendInput appends the input of a tick to an inputs vector; an empty dst starts
// one. A vector takes 1 to MaxInputs inputs of the same game, of ascending ticks at
// most 255 after the first; the receiver refuses anything else.
func AppendInput(dst []byte, tick uint32, payload []byte) []byte {
	if len(dst) == 0 {
		dst = binary.LittleEndian.AppendUint32(dst, tick)
	}
	first := binary.LittleEndian.Uint32(dst)
	dst = append(dst, byte(tick-first))
	return append(dst, payload...)
}

// ReadInputs verifies the records of an inputs vector, then calls fn for each in
// ascending order. size is the game's payload length in bytes; the payloads, which
// alias b, are not looked at. If anything is wrong fn is not called at all and the
// error wraps ErrMalformed.
func ReadInputs(b []byte, size int, fn func(tick uint32, payload []byte)) error {
	record := inputOffsetSize + size
	if len(b) < inputTickSize+record || (len(b)-inputTickSize)%record != 0 {
		return malformed("inputs are not whole records")
	}
	tick, records := binary.LittleEndian.Uint32(b), b[inputTickSize:]
	if len(records) > MaxInputs*record {
		return malformed("more than 8 inputs")
	}
	for at := 0; at < len(records); at += record {
		if at == 0 && records[0] != 0 {
			return malformed("first input is not at offset 0")
		}
		if at > 0 && records[at] <= records[at-record] {
			return malformed("inputs do not ascend")
		}
	}
	for at := 0; at < len(records); at += record {
		end := at + record
		fn(tick+uint32(records[at]), records[at+inputOffsetSize:end:end])
	}
	return nil
}
