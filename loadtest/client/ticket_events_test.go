package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// queueServer takes a ticket and tells of it what told says.
func queueServer(t *testing.T, told http.HandlerFunc) *Ticket {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/tickets", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ticket":"t-1","secret":"s-1"}`)
	})
	mux.HandleFunc("GET /v1/tickets/t-1/events", told)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	p, err := OpenParty(t.Context(), Options{URL: s.URL, Game: "fake"}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := p.Queue(t.Context(), "duel")
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestAStreamTellsOfATicketUntilItWaitsNoMore(t *testing.T) {
	ticket := queueServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Ticket-Secret") != "s-1" {
			t.Errorf("secret %q", r.Header.Get("Ticket-Secret"))
		}
		_, _ = fmt.Fprint(w, ": beat\n\nevent: ticket\nid: 1\ndata: {\"state\":\"waiting\",\"version\":1,\"estimate\":4}\n\n",
			"event: ticket\nid: 3\ndata: {\"state\":\"matched\",\"version\":3,\"url\":\"/v1/rooms/r/ws\",\"token\":\"k\"}\n\n")
	})
	s, err := ticket.Watch(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if v, err := s.Next(); err != nil || v.State != TicketWaiting || v.Estimate == nil || *v.Estimate != 4 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := s.Next(); err != nil || v.State != TicketMatched || v.Token != "k" || !strings.HasPrefix(v.URL, "ws://127.0.0.1") {
		t.Errorf("%+v, %v", v, err)
	}
	if _, err := s.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAStreamThatTheServerRefusesIsAnError(t *testing.T) {
	ticket := queueServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"title":"Busy","hint":"Ask instead."}`)
	})
	if _, err := ticket.Watch(t.Context(), 0); !errors.Is(err, errBusy) || !strings.Contains(err.Error(), "Ask instead.") {
		t.Errorf("%v", err)
	}
}

func TestAStreamOfNonsenseIsAnError(t *testing.T) {
	ticket := queueServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data: {\n\n") })
	s, err := ticket.Watch(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Next(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
}
