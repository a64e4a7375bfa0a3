package server

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// waitingTicket is one in a queue that nobody matches.
func waitingTicket(t *testing.T) (n *node, id, secret string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	n = newNode(&config{maxRooms: 8, secret: []byte(testSecret)}, []*sim.Definition{poolOfQueues}, directory.NewMemory(leaseTime), log)
	t.Cleanup(func() {
		if err := n.shutdown(log, nil); err != nil {
			t.Error(err)
		}
	})
	in := new(ticketInput)
	in.Body.Game, in.Body.Queue = "pool", "duel"
	made, err := n.createTicket(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return n, made.Body.Ticket, made.Body.Secret
}

func (n *node) unseen(t *testing.T, id string) time.Duration {
	t.Helper()
	_, r, err := n.readTicket(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return time.Since(r.Seen.time())
}

func TestATicketWhosePageWasClosedIsOverSoon(t *testing.T) {
	n, id, secret := waitingTicket(t)
	mux := http.NewServeMux()
	mux.Handle("GET /v1/tickets/{ticket}/events", n.watchTicket())
	s := httptest.NewServer(mux)
	defer s.Close()
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v1/tickets/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Ticket-Secret", secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, "event: ticket") {
		t.Fatalf("%q, %v", line, err)
	}
	leave()
	conntest.Poll(t, "the server sees that the page has gone", func() bool { return n.unseen(t, id) >= unseenLife-goneLife })
	_, r, err := n.readTicket(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, over := r.over(time.Now(), time.Time{}); over {
		t.Error("there is no time to reload the page")
	}
	if why, over := r.over(time.Now().Add(goneLife), time.Time{}); !over || why != "nobody has looked at it" {
		t.Errorf("it waits on: %q", why)
	}
	n.noteSeen(t.Context(), id, caller{}, secret, r)
	if d := n.unseen(t, id); d > seenEvery {
		t.Errorf("a page that is back was seen %v ago", d)
	}
}

func TestAStrangerWhoGoesEndsNobodysWait(t *testing.T) {
	n, id, secret := waitingTicket(t)
	n.noteGone(t.Context(), id, "guess")
	if d := n.unseen(t, id); d > seenEvery {
		t.Fatalf("seen %v ago", d)
	}
	n.noteGone(t.Context(), id, secret)
	if d := n.unseen(t, id); d < unseenLife-goneLife {
		t.Errorf("seen %v ago", d)
	}
}
