package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// estimateEvery is how often those who watch a ticket are told the estimate anew.
const estimateEvery = 2 * time.Second

// describeTicketEvents adds GET /v1/tickets/{ticket}/events to the description; its
// handler is not huma's, as that of the list of rooms.
func (n *node) describeTicketEvents(api huma.API, registry huma.Registry) {
	op := n.operation(registry, huma.Operation{
		OperationID: "watchTicket", Method: http.MethodGet, Path: "/v1/tickets/{ticket}/events",
		Summary:     "Watch a ticket",
		Description: "Server-sent events called ticket: at first, when it changes, and every two seconds while it waits. The stream ends with the ticket's wait.",
	}, "401", "404", "429", "503")
	op.Parameters = append(op.Parameters,
		&huma.Param{Name: "ticket", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "The ticket's id."},
		&huma.Param{Name: "Ticket-Secret", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "As of GET /v1/tickets/{ticket}."})
	op.Responses["200"] = &huma.Response{
		Description: "Events, until the ticket waits no more",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: registry.Schema(reflect.TypeFor[ticketBody](), true, "TicketBody")}},
	}
	api.OpenAPI().AddOperation(&op)
}

// streamsOfOne is how many tickets one address may watch at once, a goroutine and about
// 20 KB each: players of one school or one provider share an address, and each has a page
// that waits. Without a limit on joins there is none.
func streamsOfOne(joinRate float64) int {
	if joinRate == 0 {
		return math.MaxInt
	}
	return max(maxWatchingOfOne, int(5*joinRate))
}

// watchTicket is GET /v1/tickets/{ticket}/events.
func (n *node) watchTicket() http.Handler {
	gate := &places{most: streamsOfOne(n.cfg.joinRate), taken: make(map[netip.Addr]int)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := addressOf(r.RemoteAddr)
		if !gate.enter(from) {
			tooManyStreams().write(w)
			return
		}
		defer gate.leave(from)
		if _, _, err := n.readTicket(r.Context(), r.PathValue("ticket")); err != nil {
			n.ticketProblem(err).write(w)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // nginx would keep events until its buffer is full
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Time{}) // the server's is for requests; in tests there is no socket
		n.tellTicket(w, r, control)
	})
}

func (n *node) tellTicket(w http.ResponseWriter, r *http.Request, control *http.ResponseController) {
	id, secret := r.PathValue("ticket"), r.Header.Get("Ticket-Secret")
	beat := time.NewTicker(estimateEvery)
	defer beat.Stop()
	for {
		t, record, changed, err := n.lookAtTicket(r.Context(), id)
		if err != nil {
			return
		}
		n.noteSeen(r.Context(), id, callerOf(r.Context()), secret, record)
		body := n.answerTicket(callerOf(r.Context()), secret, baseOf(r), t, record).Body
		text, err := json.Marshal(body)
		if err != nil {
			return
		}
		_ = control.SetWriteDeadline(time.Now().Add(watchWriteTimeout))
		if _, err := fmt.Fprintf(w, "event: ticket\nid: %d\ndata: %s\n\n", t.Version, text); err != nil || control.Flush() != nil {
			return
		}
		if record.State != ticketWaiting && record.State != ticketFound {
			return
		}
		select {
		case <-changed:
		case <-beat.C:
		case <-r.Context().Done():
			n.noteGone(context.WithoutCancel(r.Context()), id, secret)
			return
		case <-n.ending:
			return
		}
	}
}

// baseOf is how the client reached this server.
func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// patient gives a request that waits the time for it.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "wait=") {
			control := http.NewResponseController(w)
			_ = control.SetWriteDeadline(time.Now().Add(maxWait*time.Second + publicWrite)) // in tests there is no socket
			_ = control.SetReadDeadline(time.Time{})
		}
		next.ServeHTTP(w, r)
	})
}
