package sim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MaxResult is how long a match's result may be, in bytes of JSON. Results travel in one
// HTTP request each, and wait in memory or on disk while nobody takes them.
const MaxResult = 64 << 10

// How a checkpoint says that a match is over.
const (
	endingNone   = iota // it goes on
	endingEnd           // by End
	endingFinish        // by Finish; the result follows
)

// result is what Finish was given.
type result struct {
	given bool
	json  []byte // nil if it could not be kept
	wrong string // why not
}

// Finish makes this tick the room's last, as End does, and gives the match its result:
// what encoding/json makes of it, at most MaxResult bytes. The result and who was seated
// go to the studio once they are safely stored; the players are told that the match is over after
// that. Only the first result counts. One that JSON cannot say (a NaN, a channel) or
// that is too long ends the match all the same, and what was wrong goes out in its place.
// The same game must give the same result: a map is fine, its keys are sorted.
func (w *World) Finish(v any) {
	if w.result.given {
		return
	}
	w.ended = true
	w.result = newResult(v)
}

func newResult(v any) result {
	b, err := json.Marshal(v)
	switch {
	case err != nil:
		return result{given: true, wrong: err.Error()}
	case len(b) > MaxResult:
		return result{given: true, wrong: fmt.Sprintf("%d bytes of JSON; at most %d can be kept", len(b), MaxResult)}
	}
	return result{given: true, json: b}
}

// Finished reports whether the game has called Finish.
func (i *Instance) Finished() bool { return i.world.result.given }

// Result is the JSON that Finish was given, nil before. The error says why there is none
// although Finish was called. The bytes must not be changed.
func (i *Instance) Result() ([]byte, error) {
	if wrong := i.world.result.wrong; wrong != "" {
		return nil, errors.New("sim: result: " + wrong)
	}
	return i.world.result.json, nil
}

// appendEnding writes whether and how the match is over.
func (w *World) appendEnding(dst []byte) []byte {
	if !w.result.given {
		return append(dst, boolByte(w.ended)*endingEnd)
	}
	dst = append(dst, endingFinish)
	dst = appendText(dst, string(w.result.json))
	return appendText(dst, w.result.wrong)
}

// ending reads what appendEnding wrote.
func (r *restorer) ending(w *World) {
	switch how := r.raw(1); how {
	case endingNone:
	case endingEnd:
		w.ended = true
	case endingFinish:
		w.ended = true
		w.result = result{given: true, json: []byte(r.text()), wrong: r.text()}
		r.checkResult(&w.result)
	default:
		r.fail("no match ends by %d", how)
	}
}

// checkResult refuses what Finish does not make.
func (r *restorer) checkResult(res *result) {
	if res.wrong != "" && len(res.json) == 0 {
		res.json = nil
		return
	}
	if r.err == nil && (res.wrong != "" || len(res.json) > MaxResult || !json.Valid(res.json)) {
		r.fail("the match's result is no result")
	}
}
