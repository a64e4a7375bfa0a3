package server

import (
	"net/http"
	"strings"
	"time"
	"unicode"
)

// What can be wrong with a join beside what problem.go lists.

// noEntry is every reason for which a code opens nothing: who guesses learns from it as
// little as from an empty room list.
func noEntry() *Problem {
	return problem(http.StatusNotFound, "no-entry", "This code, with this password, lets you in nowhere.", "Look at the code again, or ask who gave it to you: the room may be full or over.")
}

func wrongPassword() *Problem {
	return problem(http.StatusForbidden, "wrong-password", "The room asks for another password.", "Send \"password\", or leave out \"room\" to be given another.")
}

func roomLocked() *Problem {
	return problem(http.StatusConflict, "room-locked", "The room takes nobody in.", "Leave out \"room\" to be given another.").after(5 * time.Second)
}

func otherBuild(build string) *Problem {
	detail := "The room is of another build of the game."
	if build != "" {
		detail = "This server has build " + build + " of the game."
	}
	return problem(http.StatusConflict, "other-build", detail, "Reload the page, or update the game.")
}

func unknownRegion(region string) *Problem {
	hint := "Leave out \"region\"; its operator can set -region."
	if region != "" {
		hint = "Leave out \"region\", or ask for " + region + "."
	}
	return problem(http.StatusNotFound, "unknown-region", "No server of this region is known here.", hint)
}

// badOptions hands on what the game says, in one line.
func badOptions(err error) *Problem {
	return problem(http.StatusUnprocessableEntity, "options", oneLine(err.Error()), "Change \"options\" or \"properties\" as the game says.")
}

func badProperties(err error) *Problem {
	return problem(http.StatusUnprocessableEntity, "properties", oneLine(err.Error()), "A room has at most 16 properties: texts of at most 64 bytes, numbers and flags, by names of letters, digits, dashes and underscores.")
}

func badWish(detail, hint string) *Problem {
	return problem(http.StatusUnprocessableEntity, "bad-wish", detail, hint)
}

func tooManyGuesses() *Problem {
	return problem(http.StatusTooManyRequests, "too-many-guesses", "Too many codes or passwords from this address.", "Wait a little, then look at the code again.").after(2 * time.Second)
}

func tooManyOfAccount() *Problem {
	return problem(http.StatusTooManyRequests, "too-many-requests", "Too many requests of this account.", "Slow down.").after(time.Second)
}

func needsIdentity() *Problem {
	return problem(http.StatusUnauthorized, "identity", "This server wants to know who you are.", "Send Authorization: Bearer and the token of the game's login.")
}

func badIdentity(detail string) *Problem {
	return problem(http.StatusUnauthorized, "identity", "The token is refused: "+detail+".", "Log in again; its operator can look at -jwt-key, -jwt-issuer and -jwt-audience.")
}

func expiredIdentity() *Problem {
	return problem(http.StatusUnauthorized, "identity-expired", "The token has expired.", "Log in again.")
}

func banned(left time.Duration) *Problem {
	return problem(http.StatusForbidden, "banned", "The server's operator has sent you away.", "Come back later.").after(left)
}

func badIdempotencyKey() *Problem {
	return problem(http.StatusBadRequest, "idempotency-key", "The Idempotency-Key is not 1 to 64 printable characters of ASCII.", "Send a random one, such as a UUID.")
}

func idempotencyReused() *Problem {
	return problem(http.StatusUnprocessableEntity, "idempotency-reused", "The Idempotency-Key came before with another request.", "Use a key for one request and its repetitions only.")
}

func tooManyWatching() *Problem {
	return problem(http.StatusServiceUnavailable, "too-many-watching", "As many watch the list as may.", "Ask for GET /v1/rooms now and then instead.").after(10 * time.Second)
}

// maxDetail bounds in runes what others say, such as a game.
const maxDetail = 300

// oneLine makes what others say fit to show and to log.
func oneLine(text string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
	return string(runes[:min(len(runes), maxDetail)])
}
