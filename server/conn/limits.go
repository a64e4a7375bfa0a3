package conn

import (
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Deadlines of a conn, PROTOCOL.md 1.4.
const (
	// DefaultHello is how long a client may take from the handshake to hello. One
	// round trip on a bad mobile network is below 1 s.
	DefaultHello = 2 * time.Second

	// DefaultIdle is how long a client may send nothing. Clients acknowledge
	// snapshots several times a second, hidden tabs once a second.
	DefaultIdle = 15 * time.Second

	// closeTimeout bounds what follows Close: the frame in flight, goodbye, the close
	// frame and the peer's answer. It must stay well below the 5 s of a shutdown.
	closeTimeout = 2 * time.Second

	// idleSlack is how stale the idle deadline may get before it is set anew: setting
	// it for every message would cost more than reading one.
	idleSlack = time.Second
)

// Flood bounds what a client may send, counted on the wire so that pings and empty
// continuations count. The zero value is DefaultFlood.
type Flood struct {
	FrameRate, FrameBurst float64 // frames a second; frames at once
	ByteRate, ByteBurst   float64 // bytes a second; bytes at once
}

// DefaultFlood returns what suits a client at 128 Hz, which sends one input frame a tick and one
// acknowledgement a snapshot. Bursts are five seconds of that: a stopped server (or
// client) delivers its backlog at once, and that is no attack.
func DefaultFlood() Flood {
	const frames, bytes = 300, 64 << 10
	return Flood{FrameRate: frames, FrameBurst: 5 * frames, ByteRate: bytes, ByteBurst: 5 * bytes}
}

// The inbox holds what arrived since the room's last tick. It covers a room that
// stood still for five seconds; beyond it the conn is closed as a flood.
const (
	maxInboxBytes  = 160 << 10 // five seconds of 300 frames of 96 bytes, with their heads
	maxInboxFrames = 1500

	// keepBuffer is the largest buffer kept between messages; a rare larger one is
	// left to the collector so that ten thousand conns do not each keep theirs.
	keepBuffer = 4 << 10
)

// The buffer for the message being read starts at firstMessage bytes, grows fourfold
// up to messageBuffer, and is kept up to keepMessage.
const (
	firstMessage = 256
	keepMessage  = 1 << 10
)

// Buffers of the WebSocket library. Input frames are 24 to 100 bytes; snapshots of
// 50 entities are 200 to 900. Longer messages pass the buffers by.
const (
	readBuffer  = 512
	writeBuffer = 2 << 10

	// A pulsed conn gathers what the library writes in its pulse, which is one for a room:
	// of its own it needs next to nothing.
	pulsedBuffer = 64
)

// messageBuffer holds the longest allowed message and one byte that proves a longer one.
const messageBuffer = schema.MaxClientFrame + 1

// maxLinger is how much of a refused client's data is read and thrown away so that it
// gets to see the close code: closing a socket with unread data resets it.
const maxLinger = 256 << 10

// maxReason is the longest close reason in bytes, RFC 6455 section 5.5 (125) less the code.
const maxReason = 123
