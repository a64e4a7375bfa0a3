package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var secret = []byte("a secret that all nodes of the cluster share")

func signed(t *testing.T, k *Keys, body string, now time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/reserve?x=1", strings.NewReader(body))
	r.Header.Set(clientHeader, "192.0.2.1")
	k.Sign(r, []byte(body), now)
	return r
}

func TestOnlyWhatAPeerSignedIsAccepted(t *testing.T) {
	now := time.Unix(1e9, 0)
	for name, change := range map[string]func(r *http.Request, body *[]byte, now *time.Time){
		"another body":   func(_ *http.Request, body *[]byte, _ *time.Time) { *body = []byte(`{"room":"b"}`) },
		"another path":   func(r *http.Request, _ *[]byte, _ *time.Time) { r.URL.Path = "/other" },
		"another query":  func(r *http.Request, _ *[]byte, _ *time.Time) { r.URL.RawQuery = "x=2" },
		"another method": func(r *http.Request, _ *[]byte, _ *time.Time) { r.Method = http.MethodGet },
		"another player": func(r *http.Request, _ *[]byte, _ *time.Time) { r.Header.Set(clientHeader, "192.0.2.2") },
		"no mark":        func(r *http.Request, _ *[]byte, _ *time.Time) { r.Header.Del(signatureHeader) },
		"half a mark":    func(r *http.Request, _ *[]byte, _ *time.Time) { r.Header.Set(signatureHeader, "1 2") },
		"too late":       func(_ *http.Request, _ *[]byte, now *time.Time) { *now = now.Add(window + time.Second) },
		"too early":      func(_ *http.Request, _ *[]byte, now *time.Time) { *now = now.Add(-window - time.Second) },
	} {
		k, at, body := NewKeys(secret), now, []byte(`{"room":"a"}`)
		r := signed(t, NewKeys(secret), string(body), now)
		change(r, &body, &at)
		if err := k.Verify(r, body, at); !errors.Is(err, ErrUnsigned) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := signed(t, NewKeys([]byte("the secret of another cluster altogether")), "", now)
	if err := NewKeys(secret).Verify(r, nil, now); !errors.Is(err, ErrUnsigned) {
		t.Errorf("another secret: %v", err)
	}
}

func TestASignedRequestIsGoodOnce(t *testing.T) {
	now := time.Unix(1e9, 0)
	k := NewKeys(secret)
	first := signed(t, NewKeys(secret), "a", now)
	again := first.Clone(context.Background())
	if err := k.Verify(first, []byte("a"), now); err != nil {
		t.Fatal(err)
	}
	// However late within the window, and however many requests were between.
	for i := range 3 {
		late := now.Add(time.Duration(i) * window / 3)
		if err := k.Verify(again.Clone(context.Background()), []byte("a"), late); !errors.Is(err, ErrUnsigned) {
			t.Errorf("replayed after %v: %v", late.Sub(now), err)
		}
		other := signed(t, NewKeys(secret), "b", late)
		if err := k.Verify(other, []byte("b"), late); err != nil {
			t.Errorf("another request after %v: %v", late.Sub(now), err)
		}
	}
	if err := k.Verify(signed(t, NewKeys(secret), "c", now.Add(time.Hour)), []byte("c"), now.Add(time.Hour)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if n := len(k.seen) + len(k.seenBefore); n != 5 {
		t.Errorf("%d nonces kept", n)
	}
}

func TestAPeerIsCalledAndAnswers(t *testing.T) {
	k := NewKeys(secret)
	peer := httptest.NewServer(k.Accept(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) == `"no"` {
			http.Error(w, "full", http.StatusConflict)
			return
		}
		_, _ = w.Write(body)
	})))
	defer peer.Close()
	address := strings.TrimPrefix(peer.URL, "http://")
	c := NewClient(NewKeys(secret))
	defer c.http.CloseIdleConnections()
	var answer string
	if status, _, err := c.Call(t.Context(), address, "/x", "yes", &answer); err != nil || status != http.StatusOK || answer != "yes" {
		t.Errorf("%d, %v, %q", status, err, answer)
	}
	status, raw, err := c.Call(t.Context(), address, "/x", "no", &answer)
	if err != nil || status != http.StatusConflict || !bytes.HasPrefix(raw, []byte("full")) {
		t.Errorf("%d, %v, %q", status, err, raw)
	}
	stranger := NewClient(NewKeys([]byte("the secret of another cluster altogether")))
	defer stranger.http.CloseIdleConnections()
	if status, _, _ := stranger.Call(t.Context(), address, "/x", "yes", &answer); status != http.StatusForbidden {
		t.Errorf("a stranger: %d", status)
	}
	peer.Close()
	if _, _, err := c.Call(t.Context(), address, "/x", "yes", &answer); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a dead peer: %v", err)
	}
}

// An upgraded conn passes both ways, and its owner sees the player's address and host.
func TestASocketPassesThroughAnyNode(t *testing.T) {
	owner := NewKeys(secret)
	peer := httptest.NewServer(owner.Accept(http.HandlerFunc(echoUpgraded)))
	defer peer.Close()
	cut, end := context.WithCancel(context.Background())
	defer end()
	p := &Proxy{
		Keys: NewKeys(secret), Cut: cut, Log: slog.New(slog.DiscardHandler),
		Address: func(_ context.Context, node string) (string, error) {
			if node != "n1" {
				return "", ErrUnknownNode
			}
			return strings.TrimPrefix(peer.URL, "http://"), nil
		},
		Failed: func(w http.ResponseWriter, err error) { http.Error(w, err.Error(), http.StatusServiceUnavailable) },
	}
	mux := http.NewServeMux()
	mux.Handle(Pattern, p.Handler())
	public := httptest.NewServer(mux)
	defer public.Close()

	conn := dialUpgrade(t, public.URL, "/n/n1/v1/rooms/a%2Fb/ws?x=1")
	if got := conn.line(t); got != "/v1/rooms/a%2Fb/ws?x=1 game.example 127.0.0.1:0" {
		t.Errorf("the owner saw %q", got)
	}
	conn.say(t, "hello\n")
	if got := conn.line(t); got != "hello" {
		t.Errorf("got back %q", got)
	}
	end() // this node goes away
	if got := conn.line(t); got != "" {
		t.Errorf("after the end: %q", got)
	}
	if status := conn.status(t, public.URL, "/n/n2/v1/rooms/a/ws"); status != http.StatusServiceUnavailable {
		t.Errorf("an unknown node: %d", status)
	}
}
