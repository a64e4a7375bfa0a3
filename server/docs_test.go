package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/roomtick/roomtick/sim"
)

// fences finds the code of a page of documentation: its language and its text.
var fences = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)\n```")

// Every request of the page is sent, one after the other; the answer shown must have the
// fields of the real one and its values, where they are not left out.
func TestDocumentationOfMatchmakingIsTrue(t *testing.T) {
	page, err := os.ReadFile("../docs/matchmaking.md")
	if err != nil {
		t.Fatal(err)
	}
	game := sim.Define[board](sim.Config{Name: "arena", TickRate: 50, MaxPlayers: 4, MaxSpectators: 4, Queues: []sim.Queue{{Name: "duel", Teams: 2, TeamSize: 1}}})
	s := start(t, []*sim.Definition{game}, "-region", "eu")
	tested := map[string]string{
		"go": source(t, "../sim/door_example_test.go") + source(t, "../sim/queue_example_test.go") + source(t, "identity/example_test.go"),
		"ts": source(t, "../client-js/test/match.example.ts"),
		"js": source(t, "../client-js/e2e/login.mjs"),
	}
	var got reply
	asked := 0
	for _, m := range fences.FindAllStringSubmatch(string(page), -1) {
		switch kind, text := m[1], m[2]; kind {
		case "http":
			got = s.send(t, text)
			asked++
		case "json":
			compareAnswer(t, text, got.body)
		default:
			if tested[kind] == "" || !strings.Contains(tested[kind], text) {
				t.Errorf("not of the examples that are tested, as %s:\n%s", kind, text)
			}
		}
	}
	if asked < 8 {
		t.Errorf("only %d requests were found", asked)
	}
}

func source(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// send sends a request as a page shows it.
func (s *running) send(t *testing.T, text string) reply {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	if at, query, has := strings.Cut(path, "?"); has {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		path = at + "?" + v.Encode()
	}
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	return do(t, req)
}

// compareAnswer holds an answer against the one shown, in which … leaves out the rest.
func compareAnswer(t *testing.T, shown, got string) {
	t.Helper()
	var want, have any
	if err := json.Unmarshal([]byte(shown), &want); err != nil {
		t.Fatalf("%s: %v", shown, err)
	}
	if err := json.Unmarshal([]byte(got), &have); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if diff := cmp.Diff(want, leaveOut(want, have)); diff != "" {
		t.Errorf("shown (-), answered (+):\n%s", diff)
	}
}

// leaveOut puts into have what want leaves out.
func leaveOut(want, have any) any {
	switch w := want.(type) {
	case string:
		h, ok := have.(string)
		if start, rest, cut := strings.Cut(w, "…"); ok && cut && rest == "" && strings.HasPrefix(h, start) && h != "" {
			return w
		}
	case map[string]any:
		if h, ok := have.(map[string]any); ok {
			for name := range h {
				h[name] = leaveOut(w[name], h[name])
			}
			if _, ticks := w["tick"]; ticks { // whenever it was asked
				h["tick"] = w["tick"]
			}
		}
	case []any:
		if h, ok := have.([]any); ok && len(h) == len(w) {
			for i := range h {
				h[i] = leaveOut(w[i], h[i])
			}
		}
	}
	return have
}
