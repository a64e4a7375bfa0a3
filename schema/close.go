package schema

// CloseCode says why a conn ended; PROTOCOL.md section 9. The values are WebSocket
// close codes of the private range.
type CloseCode uint16

// The close codes. Those whose Reconnect is true leave the seat in place.
const (
	CloseLeft          CloseCode = 4000
	CloseMalformed     CloseCode = 4001
	CloseText          CloseCode = 4002
	CloseTokenInvalid  CloseCode = 4003
	CloseTokenExpired  CloseCode = 4004
	CloseTokenUsed     CloseCode = 4005
	CloseRoomGone      CloseCode = 4006
	CloseResumeRefused CloseCode = 4007
	CloseReplaced      CloseCode = 4008
	CloseHelloTimeout  CloseCode = 4009
	CloseIdle          CloseCode = 4010
	CloseFarInputs     CloseCode = 4011
	CloseLagging       CloseCode = 4012
	CloseFlood         CloseCode = 4013
	CloseEventOverflow CloseCode = 4014
	CloseKicked        CloseCode = 4015
	CloseRoomFailed    CloseCode = 4016
	CloseRestart       CloseCode = 4017
	CloseRoomFull      CloseCode = 4018
	CloseBusy          CloseCode = 4019

	CloseSessionExpired CloseCode = 4020
)

type closeMeaning struct {
	name, hint string
	reconnect  bool
}

func (c CloseCode) meaning() closeMeaning {
	switch c {
	case CloseLeft:
		return closeMeaning{"left", "The player left.", false}
	case CloseMalformed:
		return closeMeaning{"malformed", "The frame broke the protocol; update the SDK to the server's version.", false}
	case CloseText:
		return closeMeaning{"text", "Send binary frames.", false}
	case CloseTokenInvalid:
		return closeMeaning{"token-invalid", "Ask POST /v1/match for a new seat token.", false}
	case CloseTokenExpired:
		return closeMeaning{"token-expired", "Ask POST /v1/match for a new seat token and connect within 30 s.", false}
	case CloseTokenUsed:
		return closeMeaning{"token-used", "A seat token works once; resume with the secret of the welcome.", false}
	case CloseRoomGone:
		return closeMeaning{"room-gone", "The room has ended; ask POST /v1/match for another.", false}
	case CloseResumeRefused:
		return closeMeaning{"resume-refused", "The seat has expired or the secret is old; join again.", false}
	case CloseReplaced:
		return closeMeaning{"replaced", "Another conn resumed this seat.", false}
	case CloseHelloTimeout:
		return closeMeaning{"hello-timeout", "Send hello within 2 s of connecting.", true}
	case CloseIdle:
		return closeMeaning{"idle", "Send an acknowledgement or input at least every 5 s.", true}
	case CloseFarInputs:
		return closeMeaning{"far-inputs", "The client's clock is off; synchronise with ClockRequest.", true}
	case CloseLagging:
		return closeMeaning{"lagging", "Nothing was acknowledged for 10 s.", true}
	case CloseFlood:
		return closeMeaning{"flood", "Send fewer or smaller frames.", false}
	case CloseEventOverflow:
		return closeMeaning{"event-overflow", "Acknowledge events; 256 KB were waiting.", true}
	case CloseKicked:
		return closeMeaning{"kicked", "The game removed the player.", false}
	case CloseRoomFailed:
		return closeMeaning{"room-failed", "The room failed; join another room.", false}
	case CloseRestart:
		return closeMeaning{"restart", "The server is going away; try again after retry_ms.", true}
	case CloseRoomFull:
		return closeMeaning{"room-full", "Ask POST /v1/match for another room.", false}
	case CloseBusy:
		return closeMeaning{"busy", "The room did not answer within 5 s; try again.", true}
	case CloseSessionExpired:
		return closeMeaning{"session-expired", "The identity has expired; ask POST /v1/match for the same room with a fresh one, which gives the seat back.", false}
	}
	return closeMeaning{"unknown", "", true}
}

// String returns the code's short name, such as "token-used".
func (c CloseCode) String() string { return c.meaning().name }

// Hint says what the client, or its developer, should do.
func (c CloseCode) Hint() string { return c.meaning().hint }

// Reconnect reports whether the client should resume its seat by itself.
func (c CloseCode) Reconnect() bool { return c.meaning().reconnect }
