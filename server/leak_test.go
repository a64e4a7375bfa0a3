package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Codes of parties have 30 bits. They are safe because guesses are few: whatever else takes
// a code must answer who is not in the party as if there were none.
func TestNobodyLearnsFromRefusalsWhichPartiesThereAre(t *testing.T) {
	s := startQueues(t)
	waiting, us := s.party(t, 2)
	idle, _ := s.party(t, 1)
	leader := us[0].call(t, http.MethodPost, "/v1/tickets", `{"game":"pool","queue":"pairs","party":"`+waiting+`"}`)
	if leader.status != http.StatusOK {
		t.Fatalf("%d %s", leader.status, leader.body)
	}
	stranger := &queuer{s: s, secret: "guess"}
	for _, ask := range []struct{ method, path, body string }{
		{http.MethodPost, "/v1/tickets", `{"game":"pool","queue":"duel","party":"CODE"}`},
		{http.MethodGet, "/v1/parties/CODE", ""},
		{http.MethodDelete, "/v1/parties/CODE", ""},
		{http.MethodGet, "/v1/tickets/party%2FCODE", ""},
		{http.MethodGet, "/v1/tickets/party%2FCODE?wait=1", ""},
		{http.MethodGet, "/v1/tickets/party%2FCODE/events", ""},
		{http.MethodPost, "/v1/tickets/party%2FCODE/accept", ""},
		{http.MethodDelete, "/v1/tickets/party%2FCODE", ""},
	} {
		var first reply
		for i, code := range []string{"000000", waiting, idle} {
			in := strings.NewReplacer("CODE", code)
			got := stranger.call(t, ask.method, in.Replace(ask.path), in.Replace(ask.body))
			if i == 0 {
				first = got
			}
			if got.status != http.StatusNotFound || got.body != first.body {
				t.Errorf("%s %s %s of party %d: %d %s, where there is none %d %s", ask.method, ask.path, ask.body, i, got.status, got.body, first.status, first.body)
			}
		}
	}
	if member := us[1].call(t, http.MethodPost, "/v1/tickets", `{"game":"pool","queue":"pairs","party":"`+waiting+`"}`); member.status != http.StatusForbidden || !strings.Contains(member.body, "not-leader") {
		t.Errorf("a member who does not lead: %d %s", member.status, member.body)
	}
	if strings.Contains(s.log.String(), `"level":"ERROR"`) {
		t.Error("a request that is not allowed is an error of the server")
	}
}

// deadlined is a response whose conn tells its deadlines.
type deadlined struct {
	http.ResponseWriter
	read, write time.Time
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.read = t
	return nil
}

func (d *deadlined) SetWriteDeadline(t time.Time) error {
	d.write = t
	return nil
}

// The server reads the rest of a request before it answers: a body that does not come would
// hold its conn for as long as it may be read.
func TestALongPollIsReadForNoLongerThanItLasts(t *testing.T) {
	w := &deadlined{ResponseWriter: httptest.NewRecorder()}
	patient(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/tickets/x?wait=25", strings.NewReader("x")))
	for name, at := range map[string]time.Time{"read": w.read, "write": w.write} {
		if left := time.Until(at); left < maxWait*time.Second || left > time.Minute {
			t.Errorf("the %s deadline is in %v", name, left)
		}
	}
}
