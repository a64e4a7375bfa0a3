package sim

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// score is a result as games make them.
type score struct {
	Winner string         `json:"winner"`
	Points map[string]int `json:"points"`
}

func TestFinishEndsTheMatchWithItsResultAndTheFirstOneCounts(t *testing.T) {
	i, _ := newArena(t)
	if b, err := i.Result(); b != nil || err != nil || i.Finished() {
		t.Errorf("before Finish the result is %q, %v", b, err)
	}
	i.World().Finish(score{"Ada", map[string]int{"Bob": 1, "Ada": 3}})
	i.World().Finish(score{"Bob", nil})
	i.World().End()
	b, err := i.Result()
	if want := `{"winner":"Ada","points":{"Ada":3,"Bob":1}}`; string(b) != want || err != nil {
		t.Errorf("the result is %q, %v; want %q", b, err, want)
	}
	if !i.Ended() || !i.Finished() {
		t.Error("the match goes on")
	}
}

func TestEndLeavesTheMatchWithoutAResult(t *testing.T) {
	i, _ := newArena(t)
	i.World().End()
	if b, err := i.Result(); b != nil || err != nil || i.Finished() || !i.Ended() {
		t.Errorf("the result is %q, %v", b, err)
	}
}

func TestResultsThatCannotBeKeptEndTheMatchAndSayWhy(t *testing.T) {
	for name, row := range map[string]struct {
		result any
		says   string
	}{
		"a channel":     {make(chan int), "unsupported type"},
		"not a number":  {math.NaN(), "unsupported value"},
		"too long":      {strings.Repeat("x", MaxResult-1), "65537 bytes"},
		"just not":      {strings.Repeat("x", MaxResult-2), ""},
		"nothing":       {nil, ""},
		"a deep result": {map[string]any{"a": []any{1, "b", nil}}, ""},
	} {
		i, _ := newArena(t)
		i.World().Finish(row.result)
		b, err := i.Result()
		if !i.Ended() || !i.Finished() {
			t.Errorf("%s: the match goes on", name)
		}
		if row.says == "" && (err != nil || b == nil) || row.says != "" && (b != nil || err == nil || !strings.Contains(err.Error(), row.says)) {
			t.Errorf("%s: %d bytes, %v; want an error with %q", name, len(b), err, row.says)
		}
	}
}

func TestCheckpointsCarryTheResult(t *testing.T) {
	for name, end := range map[string]func(*World){
		"none":      func(*World) {},
		"end":       (*World).End,
		"finish":    func(w *World) { w.Finish(score{Winner: "Ada"}) },
		"null":      func(w *World) { w.Finish(nil) },
		"no result": func(w *World) { w.Finish(math.NaN()) },
	} {
		a := grown(t, 5)
		end(a.World())
		b, err := a.def.Restore(a.Checkpoint(nil))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		was, wrong := a.Result()
		is, err := b.Result()
		if string(was) != string(is) || (wrong == nil) != (err == nil) || wrong != nil && wrong.Error() != err.Error() {
			t.Errorf("%s: the result was %q, %v and is %q, %v", name, was, wrong, is, err)
		}
		if a.Ended() != b.Ended() || a.Finished() != b.Finished() || a.Hash() != b.Hash() {
			t.Errorf("%s: the restored match is another", name)
		}
	}
}

func TestCheckpointsWithWhatFinishNeverMakesAreRefused(t *testing.T) {
	for name, res := range map[string]result{
		"not JSON": {given: true, json: []byte("{")},
		"both":     {given: true, json: []byte("1"), wrong: "why"},
		"neither":  {given: true},
		"too long": {given: true, json: []byte(`"` + strings.Repeat("x", MaxResult) + `"`)},
	} {
		i := grown(t, 5)
		i.world.ended, i.world.result = true, res
		if _, err := i.def.Restore(i.Checkpoint(nil)); !errors.Is(err, errCheckpoint) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestHashesSeeTheResult(t *testing.T) {
	hashes := make(map[uint64]string)
	for name, end := range map[string]func(*World){
		"end": (*World).End, "one": func(w *World) { w.Finish(1) }, "two": func(w *World) { w.Finish(2) },
	} {
		i := grown(t, 5)
		end(i.World())
		if other, seen := hashes[i.Hash()]; seen {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		hashes[i.Hash()] = name
	}
}
