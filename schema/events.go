package schema

import "github.com/roomtick/roomtick/schema/bits"

// Layout of an event record, PROTOCOL.md 7; age only towards the client.
//
//	| age leb | type leb | length leb | payload |

// AppendServerEvent appends an event for a client. age is the snapshot's tick minus
// the event's, typ the index into Descriptor.Events.
func AppendServerEvent(dst []byte, age, typ uint32, payload []byte) []byte {
	return AppendClientEvent(bits.AppendLeb(dst, age), typ, payload)
}

// AppendClientEvent appends an event for the server.
func AppendClientEvent(dst []byte, typ uint32, payload []byte) []byte {
	dst = bits.AppendLeb(dst, typ)
	dst = bits.AppendLeb(dst, uint32(len(payload)))
	return append(dst, payload...)
}

// ReadServerEvents calls fn for each event of a server frame, in order; payloads alias
// b and are not looked at. It stops at the first error of fn and returns it; an error
// of the framing wraps ErrMalformed. With a nil fn it only verifies the framing.
func ReadServerEvents(b []byte, fn func(age, typ uint32, payload []byte) error) error {
	for len(b) > 0 {
		age, rest, ok := cutLeb(b)
		if !ok {
			return malformed("event without an age")
		}
		typ, payload, rest, err := cutEvent(rest)
		if err != nil {
			return err
		}
		if fn != nil {
			if err := fn(age, typ, payload); err != nil {
				return err
			}
		}
		b = rest
	}
	return nil
}

// ReadClientEvents does for a client frame what ReadServerEvents does for a server frame.
func ReadClientEvents(b []byte, fn func(typ uint32, payload []byte) error) error {
	for len(b) > 0 {
		typ, payload, rest, err := cutEvent(b)
		if err != nil {
			return err
		}
		if fn != nil {
			if err := fn(typ, payload); err != nil {
				return err
			}
		}
		b = rest
	}
	return nil
}

// cutEvent takes type, length and payload from the front of b.
func cutEvent(b []byte) (typ uint32, payload, rest []byte, err error) {
	typ, b, ok := cutLeb(b)
	if !ok {
		return 0, nil, nil, malformed("event without a type")
	}
	size, b, ok := cutLeb(b)
	if !ok {
		return 0, nil, nil, malformed("event without a length")
	}
	if uint64(size) > uint64(len(b)) {
		return 0, nil, nil, malformed("event reaches past the end")
	}
	return typ, b[:size:size], b[size:], nil
}

func cutLeb(b []byte) (v uint32, rest []byte, ok bool) {
	v, n := bits.Leb(b)
	return v, b[n:], n > 0
}
