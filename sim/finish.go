package sim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MaxResult is how long a match's result may be, in bytes of JSON. Results travel in one
// HTTP request each, and wait in memory or on disk while nobody takes them.
const MaxResult = 64 << 10

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

// appendResult writes what Finish was given, nothing if it was not called: a text of JSON,
// and one of what was wrong.
func (w *World) appendResult(dst []byte) []byte {
	if !w.result.given {
		return dst
	}
	return appendText(appendText(dst, string(w.result.json)), w.result.wrong)
}

// result reads what appendResult wrote, and refuses what Finish does not make.
func (r *restorer) result(w *World) {
	res := result{given: true, json: []byte(r.text()), wrong: r.text()}
	kept := res.wrong == "" && len(res.json) <= MaxResult && json.Valid(res.json)
	lost := res.wrong != "" && len(res.json) == 0
	switch {
	case r.err != nil:
	case !w.ended || !kept && !lost:
		r.fail("the match's result is no result")
	case lost:
		res.json = nil
	}
	w.result = res
}
