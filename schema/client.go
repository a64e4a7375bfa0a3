package schema

import "encoding/binary"

// Field ids of ClientFrame and Hello in protocol.fbs.
const (
	clientState = iota
	clientInputs
	clientHashes
	clientClock
	clientEvents
	clientEventSeq
	clientRate
	clientHello
	clientLeave
)

const (
	helloSDK = iota
	helloDescriptorHash
	helloEpoch
	helloTick
	helloEventAck
)

// Sizes of the structs of ClientFrame, in bytes.
const (
	clientStateSize  = 12
	pubHashSize      = 12
	clockRequestSize = 4
	rateRequestSize  = 1
)

const (
	clientTables = 2  // the frame and hello
	maxSDK       = 64 // bytes; goes to logs
	maxHash      = 64 // bytes; 16 hex digits today, opaque to the client
)

// ParseClientFrame verifies one message of a client and fills f. It is the one place
// where bytes from a client are trusted with nothing. Inputs and Events alias buf and
// their framing is verified, their payloads are not. Nothing is allocated but hello's
// strings. On an error, which wraps ErrMalformed, f is meaningless.
func ParseClientFrame(buf []byte, f *ClientFrame) error {
	*f = ClientFrame{}
	if len(buf) > MaxClientFrame {
		return malformed("client frame above 4096 bytes")
	}
	var r reader
	root := r.open(buf, clientTables)
	r.state(root, f)
	f.Inputs = r.bytes(root, clientInputs, MaxClientFrame)
	f.Events = r.bytes(root, clientEvents, MaxClientFrame)
	f.EventSeq = r.u32(root, clientEventSeq)
	r.hashes(root, f)
	r.requests(root, f)
	if hello, ok := r.child(root, clientHello); ok {
		f.HasHello = true
		r.hello(hello, &f.Hello)
	}
	if r.err != nil {
		return r.err
	}
	if f.Inputs != nil && len(f.Inputs) < minInputs {
		return malformed("inputs without a record")
	}
	return ReadClientEvents(f.Events, nil)
}

func (r *reader) state(t table, f *ClientFrame) {
	at := r.field(t, clientState, clientStateSize)
	if at == 0 {
		return
	}
	b := r.buf[at : at+clientStateSize]
	f.HasState = true
	f.State.Ack = binary.LittleEndian.Uint32(b)
	f.State.View = binary.LittleEndian.Uint32(b[4:])
	f.State.EventAck = binary.LittleEndian.Uint32(b[8:])
}

func (r *reader) hashes(t table, f *ClientFrame) {
	at, n := r.vector(t, clientHashes, pubHashSize, MaxHashes)
	for i := range n {
		b := r.buf[at+i*pubHashSize : at+(i+1)*pubHashSize]
		f.Hashes[i] = PubHash{
			Group: binary.LittleEndian.Uint32(b),
			Tick:  binary.LittleEndian.Uint32(b[4:]),
			Hash:  binary.LittleEndian.Uint32(b[8:]),
		}
	}
	f.HashCount = n
}

// requests reads what a client asks for: the time, a rate, to leave.
func (r *reader) requests(t table, f *ClientFrame) {
	if at := r.field(t, clientClock, clockRequestSize); at > 0 {
		f.HasClock = true
		f.ClockSent = binary.LittleEndian.Uint32(r.buf[at:])
	}
	if at := r.field(t, clientRate, rateRequestSize); at > 0 {
		f.HasRate = true
		f.RateHz = r.buf[at]
	}
	f.Leave = r.bool(t, clientLeave)
}

func (r *reader) hello(t table, h *Hello) {
	h.SDK = r.text(t, helloSDK, maxSDK)
	h.DescriptorHash = r.text(t, helloDescriptorHash, maxHash)
	h.Epoch = r.u64(t, helloEpoch)
	h.Tick = r.u32(t, helloTick)
	h.EventAck = r.u32(t, helloEventAck)
}
