package room

import (
	"errors"
	"fmt"

	"github.com/roomtick/roomtick/schema"
)

// What a room answers at its door.
var (
	ErrFull          = errors.New("room: full")
	ErrShut          = errors.New("room: lets nobody in")
	ErrNoPlayer      = errors.New("room: no such player")
	ErrEnded         = errors.New("room: ended")
	ErrTokenUsed     = errors.New("room: seat token already used")
	ErrTokenExpired  = errors.New("room: seat reservation expired")
	ErrNoSpectators  = errors.New("room: its game lets nobody watch")
	ErrNotYet        = errors.New("room: younger than its spectators are behind")
	ErrResumeRefused = errors.New("room: seat expired or resume secret not valid")

	ErrSessionExpired = errors.New("room: the player's identity has expired")
)

// CloseCodeOf returns the close code that tells a client of an error of Claim or
// Resume.
func CloseCodeOf(err error) schema.CloseCode {
	switch {
	case errors.Is(err, ErrFull):
		return schema.CloseRoomFull
	case errors.Is(err, ErrTokenUsed):
		return schema.CloseTokenUsed
	case errors.Is(err, ErrTokenExpired):
		return schema.CloseTokenExpired
	case errors.Is(err, ErrResumeRefused):
		return schema.CloseResumeRefused
	case errors.Is(err, ErrSessionExpired):
		return schema.CloseSessionExpired
	}
	return schema.CloseRoomGone
}

// PanicError is returned by Run when the game panicked. Only this room is lost.
type PanicError struct {
	Room  string
	Tick  uint32 // the tick that was running
	Value any    // what was passed to panic; nil for runtime.Goexit
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("room %s: game panicked at tick %d: %v", e.Room, e.Tick, e.Value)
}
