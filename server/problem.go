package server

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Problem is an error answer, RFC 9457, application/problem+json. Code is for
// programs and never changes its meaning; Hint tells a person what to do.
type Problem struct {
	Title  string `json:"title" doc:"The HTTP status in words."`
	Status int    `json:"status" doc:"The HTTP status code."`
	Code   string `json:"code" enum:"already-waiting,bad-body,bad-query,bad-wish,banned,body-too-large,body-too-slow,busy,directory-away,draining,gallery-full,idempotency-key,idempotency-reused,identity,identity-expired,internal,method,no-entry,no-parties,no-party,no-spectators,node-gone,not-found,not-json,not-leader,not-yours,nothing-to-accept,nothing-to-watch,options,origin,other-build,party-too-large,properties,queue-closed,queue-full,room-full,room-locked,server-full,subprotocol,too-many-guesses,too-many-requests,too-many-watching,unknown-game,unknown-queue,unknown-region,unknown-room,unknown-ticket,wrong-password" doc:"What went wrong, for programs."`
	Detail string `json:"detail" doc:"What went wrong, for people."`
	Hint   string `json:"hint" doc:"What to do about it."`

	retry time.Duration // Retry-After; 0 sends none
}

func problem(status int, code, detail, hint string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Hint: hint}
}

// after asks the client to come back no earlier than d from now.
func (p *Problem) after(d time.Duration) *Problem {
	p.retry = d
	return p
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders tells huma the headers.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.retry > 0 {
		seconds := (p.retry + time.Second - 1) / time.Second
		h.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	return h
}

// ContentType tells huma the content type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// write answers with p outside of huma.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// The problems of this API; problem_match.go has more. Every code is in Problem's enum.

func badBody(status int, detail string) *Problem {
	code := "bad-body"
	switch status {
	case http.StatusRequestEntityTooLarge:
		code = "body-too-large"
	case http.StatusUnsupportedMediaType:
		code = "not-json"
	case http.StatusRequestTimeout:
		code = "body-too-slow"
	}
	return problem(status, code, detail, `Send a JSON object such as {"game":"arena","name":"Ada"} as application/json, at most 4 KB.`)
}

func badQuery(status int, detail string) *Problem {
	return problem(status, "bad-query", detail, "Leave it out, or look at /openapi.json.")
}

func unknownGame(name, known string) *Problem {
	return problem(http.StatusNotFound, "unknown-game", "No game is called "+strconv.Quote(name)+".", "This server has: "+known+".")
}

// unknownRoom is the same for rooms that never were, have ended or are private.
func unknownRoom() *Problem {
	return problem(http.StatusNotFound, "unknown-room", "There is no such room.", "Leave out \"room\" to be given one, or list them with GET /v1/rooms.")
}

func roomFull() *Problem {
	return problem(http.StatusConflict, "room-full", "Every seat of the room is taken or held.", "Try again, or leave out \"room\" to be given another.").after(5 * time.Second)
}

func noSpectators(game string) *Problem {
	return problem(http.StatusConflict, "no-spectators", game+" lets nobody watch.", "Join as a player; its author can set Config.MaxSpectators.")
}

func nothingToWatch(wait time.Duration) *Problem {
	return problem(http.StatusServiceUnavailable, "nothing-to-watch", "There is no room of it yet that has been played for as long as spectators are behind.", "Try again a little later.").after(wait)
}

func galleryFull() *Problem {
	return problem(http.StatusServiceUnavailable, "gallery-full", "As many watch already as may.", "Try again later.").after(5 * time.Second)
}

func serverFull() *Problem {
	return problem(http.StatusServiceUnavailable, "server-full", "The server runs as many rooms as it may.", "Try again later; its operator can raise -max-rooms.").after(10 * time.Second)
}

func noFiles() *Problem {
	return problem(http.StatusServiceUnavailable, "server-full", "The server has as many sockets open as it may.", "Try again later; its operator can raise the limit of open files (ulimit -n, LimitNOFILE=).").after(10 * time.Second)
}

func serverBusy() *Problem {
	return problem(http.StatusServiceUnavailable, "busy", "No seat was found in time.", "Try again.").after(time.Second)
}

func overloaded() *Problem {
	return problem(http.StatusServiceUnavailable, "busy", "Rooms do not answer in time: the machine has more to do than it can.", "Try again; its operator sees roomtick_tick_seconds in /metrics.").after(2 * time.Second)
}

func directoryAway() *Problem {
	return problem(http.StatusServiceUnavailable, "directory-away", "Matchmaking does not reach its directory; rooms go on.", "Try again; its operator sees to the Redis of -redis.").after(time.Second)
}

func nodeGone() *Problem {
	return problem(http.StatusServiceUnavailable, "node-gone", "The server that runs the room does not answer.", "Try again; if it stays away, join anew.").after(time.Second)
}

func draining() *Problem {
	return problem(http.StatusServiceUnavailable, "draining", "The server is going away.", "Try again: another one takes over.").after(2 * time.Second)
}

func tooMany() *Problem {
	return problem(http.StatusTooManyRequests, "too-many-requests", "Too many requests from this address.", "Slow down; its operator can raise -join-rate.").after(time.Second)
}

func crossOrigin() *Problem {
	return problem(http.StatusForbidden, "origin", "Pages of this origin may not use this server.", "Serve the page from this server, or name its origin in -origins.")
}

func noSubprotocol() *Problem {
	return problem(http.StatusBadRequest, "subprotocol", "The WebSocket does not offer the subprotocol roomtick.v1.", `Offer ["roomtick.v1", "seat.<token>"] or ["roomtick.v1", "resume.<secret>"].`)
}

func notFound() *Problem {
	return problem(http.StatusNotFound, "not-found", "There is nothing at this address.", "The API is described at /openapi.json.")
}

func wrongMethod() *Problem {
	return problem(http.StatusMethodNotAllowed, "method", "This address does not take this method.", "The API is described at /openapi.json.")
}

func internal() *Problem {
	return problem(http.StatusInternalServerError, "internal", "The server failed.", "Try again; its log says more.")
}
