package room

import (
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Conn is all a room knows of a socket. The room goroutine is the only caller of
// Write and Close, and no method ever blocks it.
type Conn interface {
	// Write takes a copy of one frame and sends it, or reports false: not now. The
	// room then drops the frame and sends a newer one later.
	Write(frame []byte) bool

	// Receive calls fn for every verified frame that arrived since the last call, in
	// order, with the time it was read. f is valid during fn only. It returns a
	// non-nil error once the conn has ended and nothing is left to hand over.
	Receive(fn func(at time.Time, f *schema.ClientFrame)) error

	// Close sends goodbye if it can, then the close frame with code. Later calls do
	// nothing.
	Close(code schema.CloseCode, goodbye []byte)
}
