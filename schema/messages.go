// Package schema is the wire contract: the messages of protocol.fbs as Go values,
// the verifier for bytes from the other side, and the descriptor of a game's types.
// PROTOCOL.md is the specification. It does no I/O.
package schema

// Subprotocol is the WebSocket subprotocol of this wire contract.
const Subprotocol = "roomtick.v1"

// MaxClientFrame is the longest client frame in bytes; longer ones close the conn.
// Eight inputs, four hashes and a chat line fit many times over.
const MaxClientFrame = 4096

// Limits of one client frame.
const (
	MaxInputs = 8 // more would let a client move faster after a silence
	MaxHashes = 4
)

// Bits of SnapshotHead.Flags.
const (
	HeadPrologue   = 1 << 0
	HeadInputShift = 1
	HeadInputMask  = 3 << 1
	HeadReset      = 1 << 3
)

// InputState says how the input of a tick came about.
type InputState uint8

// The input states.
const (
	InputNone InputState = iota
	InputApplied
	InputRepeated
	InputLate
)

// SnapshotHead is what every snapshot frame carries beside its deltas.
type SnapshotHead struct {
	Tick        uint32
	InputAck    uint16
	InputHealth int8
	Flags       uint8
}

// ServerFrame is one frame to a client: any mix of its parts. Parsed byte slices
// alias the frame.
type ServerFrame struct {
	HasSnapshot bool
	Snapshot    SnapshotHead
	Deltas      []byte
	Events      []byte
	EventSeq    uint32 // of the first event
	HasEventAck bool   // more client events were applied
	EventAck    uint16 // low bits of the newest one's sequence
	HasClock    bool
	Clock       ClockReply
	Welcome     *Welcome
	Goodbye     *Goodbye
}

// ClockReply answers a ClockRequest; times in milliseconds of room time.
type ClockReply struct {
	Received, Replied float64
	Sent              uint32
}

// Welcome is the first frame of a conn.
type Welcome struct {
	Room           string
	Seat           uint16
	Player         string
	Epoch          uint64
	Secret         string
	Tick           uint32
	TickRate       uint16
	SendEvery      uint8
	Resumed        bool
	SeatTimeoutMS  uint32
	EventAck       uint32
	EventsDropped  uint32
	DescriptorHash string
	Descriptor     *Descriptor // nil if the client holds it already
}

// Goodbye is the last frame of a conn.
type Goodbye struct {
	Code      CloseCode
	Reason    string
	Hint      string
	RetryMS   uint32
	Reconnect bool
}

// ClientState is what a client has applied and draws.
type ClientState struct {
	Ack      uint32 // newest applied tick
	View     uint32 // drawn tick, 24.8 fixed point
	EventAck uint32 // newest server event received
}

// PubHash is a client's hash of one group at a tick it applied.
type PubHash struct {
	Group, Tick, Hash uint32
}

// Hello is the first frame of a client.
type Hello struct {
	SDK            string
	DescriptorHash string
	Epoch          uint64
	Tick           uint32
	EventAck       uint32
}

// ClientFrame is one frame to the server: any mix of its parts. Of a parsed frame,
// Inputs and Events alias the message, Hello's strings are copies.
type ClientFrame struct {
	HasState  bool
	State     ClientState
	Inputs    []byte // PROTOCOL.md 6.1, for ReadInputs: the record length is the game's
	Events    []byte // PROTOCOL.md 7.2, framing verified, payloads not
	EventSeq  uint32 // of the first event
	Hashes    [MaxHashes]PubHash
	HashCount int
	HasClock  bool
	ClockSent uint32
	HasRate   bool
	RateHz    uint8
	HasHello  bool
	Hello     Hello
	Leave     bool
}
