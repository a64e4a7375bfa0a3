//go:build linux

package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// counted is a server that says what it was asked, and on how many conns.
func counted(t *testing.T, hangUp bool) (url string, conns func() int) {
	t.Helper()
	var mu sync.Mutex
	n := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hangUp {
			w.Header().Set("Connection", "close")
		}
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type")+" "+string(body))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			n++
			mu.Unlock()
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, func() int { mu.Lock(); defer mu.Unlock(); return n }
}

func TestAWireKeepsItsConnUntilTheServerEndsIt(t *testing.T) {
	for _, row := range []struct {
		hangUp bool
		conns  int
	}{{false, 1}, {true, 3}} {
		url, conns := counted(t, row.hangUp)
		w := newWire(url, "/v1/match", `{"game":"x"}`)
		defer w.close()
		for range 3 {
			status, text, err := w.post(t.Context())
			if err != nil || status != http.StatusAccepted || string(text) != `POST /v1/match application/json {"game":"x"}` {
				t.Fatalf("%d %q %v", status, text, err)
			}
		}
		if conns() != row.conns {
			t.Errorf("hanging up %v: %d conns; want %d", row.hangUp, conns(), row.conns)
		}
	}
}

func TestAWireToNobodyFails(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	if _, _, err := newWire(s.URL, "/", "").post(t.Context()); err == nil {
		t.Error("nobody listens there")
	}
}
