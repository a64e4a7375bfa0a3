package schema

import "encoding/binary"

// Field ids of ServerFrame, Welcome and Goodbye in protocol.fbs.
const (
	serverSnapshot = iota
	serverDeltas
	serverEvents
	serverEventSeq
	serverClock
	serverWelcome
	serverGoodbye
	serverEventAck
)

const (
	welcomeRoom = iota
	welcomeSeat
	welcomePlayer
	welcomeEpoch
	welcomeSecret
	welcomeTick
	welcomeTickRate
	welcomeSendEvery
	welcomeResumed
	welcomeSeatTimeout
	welcomeEventAck
	welcomeEventsDropped
	welcomeDescriptorHash
	welcomeDescriptor
)

const (
	goodbyeCode = iota
	goodbyeReason
	goodbyeHint
	goodbyeRetry
	goodbyeReconnect
)

// Sizes of the structs of ServerFrame, in bytes.
const (
	snapshotHeadSize = 8
	clockReplySize   = 24
	eventAckSize     = 2
)

const (
	serverTables = 3 + descriptorTables // the frame, welcome, goodbye
	maxText      = 1024                 // bytes of any string but the descriptor's: ids, secrets, sentences
)

// ParseServerFrame verifies one message of a server and fills f; a client trusts its
// server no more than the server trusts it. Deltas and Events alias buf; the framing
// of events is verified, their payloads and the deltas are not. Only welcome and
// goodbye allocate. On an error, which wraps ErrMalformed, f is meaningless.
func ParseServerFrame(buf []byte, f *ServerFrame) error {
	*f = ServerFrame{}
	var r reader
	root := r.root(buf, serverTables)
	r.snapshot(root, f)
	f.Deltas = r.bytes(root, serverDeltas, len(buf))
	f.Events = r.bytes(root, serverEvents, len(buf))
	f.EventSeq = r.u32(root, serverEventSeq)
	r.clock(root, f)
	if at := r.field(root, serverEventAck, eventAckSize); at > 0 {
		f.HasEventAck, f.EventAck = true, binary.LittleEndian.Uint16(r.buf[at:])
	}
	if t, ok := r.child(root, serverWelcome); ok {
		f.Welcome = r.welcome(t)
	}
	if t, ok := r.child(root, serverGoodbye); ok {
		f.Goodbye = r.goodbye(t)
	}
	if r.err != nil {
		return r.err
	}
	if f.Deltas != nil && !f.HasSnapshot {
		return malformed("deltas without a snapshot")
	}
	return ReadServerEvents(f.Events, nil)
}

// snapshot reads SnapshotHead:
//
//	| tick u32 | input ack u16 | input health i8 | flags u8 |
func (r *reader) snapshot(t table, f *ServerFrame) {
	at := r.field(t, serverSnapshot, snapshotHeadSize)
	if at == 0 {
		return
	}
	b := r.buf[at : at+snapshotHeadSize]
	f.HasSnapshot = true
	f.Snapshot = SnapshotHead{
		Tick:        binary.LittleEndian.Uint32(b),
		InputAck:    binary.LittleEndian.Uint16(b[4:]),
		InputHealth: int8(b[6]),
		Flags:       b[7],
	}
}

// clock reads ClockReply, whose struct is padded to a multiple of 8 bytes:
//
//	| received f64 | replied f64 | sent u32 | 4 bytes |
func (r *reader) clock(t table, f *ServerFrame) {
	at := r.field(t, serverClock, clockReplySize)
	if at == 0 {
		return
	}
	f.HasClock = true
	f.Clock = ClockReply{
		Received: r.f64At(at),
		Replied:  r.f64At(at + 8),
		Sent:     binary.LittleEndian.Uint32(r.buf[at+16:]),
	}
}

func (r *reader) welcome(t table) *Welcome {
	w := &Welcome{
		Room:           r.text(t, welcomeRoom, maxText),
		Seat:           r.u16(t, welcomeSeat),
		Player:         r.text(t, welcomePlayer, maxText),
		Epoch:          r.u64(t, welcomeEpoch),
		Secret:         r.text(t, welcomeSecret, maxText),
		Tick:           r.u32(t, welcomeTick),
		TickRate:       r.u16(t, welcomeTickRate),
		SendEvery:      r.u8(t, welcomeSendEvery),
		Resumed:        r.bool(t, welcomeResumed),
		SeatTimeoutMS:  r.u32(t, welcomeSeatTimeout),
		EventAck:       r.u32(t, welcomeEventAck),
		EventsDropped:  r.u32(t, welcomeEventsDropped),
		DescriptorHash: r.text(t, welcomeDescriptorHash, maxText),
	}
	if t, ok := r.child(t, welcomeDescriptor); ok {
		w.Descriptor = r.descriptor(t)
	}
	return w
}

func (r *reader) goodbye(t table) *Goodbye {
	return &Goodbye{
		Code:      CloseCode(r.u16(t, goodbyeCode)),
		Reason:    r.text(t, goodbyeReason, maxText),
		Hint:      r.text(t, goodbyeHint, maxText),
		RetryMS:   r.u32(t, goodbyeRetry),
		Reconnect: r.bool(t, goodbyeReconnect),
	}
}
