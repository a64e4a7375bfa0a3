package server

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

type ticketInput struct {
	Key    string `header:"Idempotency-Key" doc:"The same request again under the same key, within 30 s, gets the same answer."`
	Secret string `header:"Ticket-Secret" doc:"With party: the secret of its first member."`
	Body   struct {
		PlayerWish
		Game  string `json:"game" doc:"Name of the game." example:"arena"`
		Queue string `json:"queue" doc:"Name of the game's queue." example:"ranked"`
		Party string `json:"party,omitempty" maxLength:"24" doc:"Code of the party that queues; what the rest says of a player is then not looked at."`
	}
}

type ticketOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Ticket  string    `json:"ticket" doc:"The ticket's id."`
		Secret  string    `json:"secret,omitempty" doc:"To send as Ticket-Secret; only for who has no identity. A party's members keep theirs."`
		Expires time.Time `json:"expires" doc:"Until when it waits."`
	}
}

// createTicket is POST /v1/tickets.
func (n *node) createTicket(ctx context.Context, in *ticketInput) (*ticketOutput, error) {
	l, p := n.lineFor(in.Body.Game, in.Body.Queue)
	if p != nil {
		return nil, p
	}
	now := time.Now()
	r := &ticketRecord{Game: l.game.Name(), Queue: l.queue.Name, State: ticketWaiting}
	r.Ticket.ID, r.Ticket.Since, r.Seen = rand.Text(), seconds(now), millis(now)
	r.Expires = millis(now.Add(time.Duration(l.queue.Life * float64(time.Second))))
	secret, err := n.fillTicket(ctx, r, l.queue, in)
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	if p := n.checkTicket(ctx, l, r); p != nil {
		return nil, p
	}
	if err := n.putTicket(ctx, l, r, now); err != nil {
		return nil, n.ticketProblem(err)
	}
	n.queues.poke()
	out := &ticketOutput{NoStore: "no-store"}
	out.Body.Ticket, out.Body.Secret, out.Body.Expires = r.Ticket.ID, secret, r.Expires.time().UTC()
	return out, nil
}

// fillTicket adds who is to wait with a ticket: the party that is named, else who asks. That
// one is given a secret if they need one; members of a party have theirs.
func (n *node) fillTicket(ctx context.Context, r *ticketRecord, q *sim.Queue, in *ticketInput) (secret string, err error) {
	who := callerOf(ctx)
	if in.Body.Party != "" {
		r.Party = cleanCode(in.Body.Party)
		return "", n.fillOfParty(ctx, r, q, who, in.Secret)
	}
	m, secret, p := n.entrant(who, &in.Body.PlayerWish)
	if p != nil {
		return "", p
	}
	r.add(q, m)
	return secret, nil
}

// putTicket puts a new ticket into its queue, and tells its party of it.
func (n *node) putTicket(ctx context.Context, l *waitline, r *ticketRecord, now time.Time) error {
	t := directory.Ticket{ID: r.Ticket.ID, Queue: l.name}
	if err := r.store(&t, now); err != nil {
		return err
	}
	if _, err := n.dir.Put(ctx, t); err != nil || r.Party == "" {
		return err
	}
	return n.noteTicket(ctx, t.ID, r)
}

// lineFor returns the queue that a request names.
func (n *node) lineFor(game, queue string) (*waitline, *Problem) {
	g := n.games[game]
	if g == nil {
		if game != "" {
			game = cleanName(game)
		}
		return nil, unknownGame(game, n.known)
	}
	l := n.queues.lineOf(game, queue)
	if l == nil {
		return nil, unknownQueue(cleanName(queue), queuesOf(g))
	}
	if n.isDraining() {
		return nil, draining()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop.Drained {
		return nil, queueClosed(l.queue.Name)
	}
	return l, nil
}

// ticketProblem turns what went wrong with a ticket into what the client is told.
func (n *node) ticketProblem(err error) *Problem {
	switch {
	case errors.Is(err, directory.ErrUnknownTicket):
		return unknownTicket()
	case errors.Is(err, errNotMember):
		return notYours()
	case errors.Is(err, errNoMatch):
		return nothingToAccept()
	case errors.Is(err, errNoParty):
		return noParty()
	case errors.Is(err, errNotLeader):
		return notLeader()
	}
	return n.matchProblem(err)
}

// describeTickets registers the operations of tickets and parties.
func (n *node) describeTickets(api huma.API, registry huma.Registry) {
	body := []string{"400", "401", "403", "404", "409", "413", "415", "422", "429", "503"}
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "queue", Method: http.MethodPost, Path: "/v1/tickets", MaxBodyBytes: maxBody,
		Summary: "Wait in a queue for a match, alone or as a party",
	}, body...), n.createTicket)
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "ticket", Method: http.MethodGet, Path: "/v1/tickets/{ticket}",
		Summary: "Look at a ticket, now or once it has changed",
	}, "401", "404", "422", "429", "503"), n.getTicket)
	for _, op := range []struct {
		id, method, path, summary string
		handler                   func(context.Context, *answerInput) (*ticketAnswer, error)
		problems                  []string
	}{
		{"accept", http.MethodPost, "/v1/tickets/{ticket}/accept", "Accept the match that was found", n.acceptTicket, []string{"400", "409"}},
		{"decline", http.MethodPost, "/v1/tickets/{ticket}/decline", "Decline it, and leave the queue", n.declineTicket, []string{"400", "409"}},
		{"cancel", http.MethodDelete, "/v1/tickets/{ticket}", "Leave the queue", n.deleteTicket, nil},
	} {
		huma.Register(api, n.operation(registry, huma.Operation{
			OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary,
		}, append(op.problems, "401", "403", "404", "422", "429", "503")...), op.handler)
	}
	n.describeParties(api, registry)
	n.describeTicketEvents(api, registry)
}

// handleTickets puts the handlers of tickets and parties into mux: once answers what comes
// again under its key as before.
func (n *node) handleTickets(mux *http.ServeMux, once, api http.Handler) {
	joins := newJoinLimiter(n.cfg.joinRate)
	for _, path := range []string{
		"POST /v1/tickets", "POST /v1/tickets/{ticket}/accept", "POST /v1/tickets/{ticket}/decline",
		"POST /v1/parties", "POST /v1/parties/join",
	} {
		mux.Handle(path, limitAddresses(joins, n.identify(once)))
	}
	for _, path := range []string{
		"GET /v1/tickets/{ticket}", "DELETE /v1/tickets/{ticket}", "GET /v1/parties/{party}", "DELETE /v1/parties/{party}",
	} {
		mux.Handle(path, limitAddresses(joins, n.identify(patient(api))))
	}
	mux.Handle("GET /v1/tickets/{ticket}/events", limitAddresses(joins, n.identify(n.watchTicket())))
}
