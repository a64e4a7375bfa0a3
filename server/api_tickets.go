package server

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// maxWait bounds a long poll in seconds: proxies give up after a minute.
const maxWait = 25

// skillBody is a skill as a client says it.
type skillBody struct {
	Mu    float64 `json:"mu" doc:"The mean of what is known." example:"1500"`
	Sigma float64 `json:"sigma,omitempty" minimum:"0" doc:"How uncertain that is: a standard deviation."`
}

// PlayerWish is what a player says for a queue. Package huma reads embedded structs only if
// they are exported.
type PlayerWish struct {
	Name      string             `json:"name,omitempty" doc:"What other players see. Cut to 24 printable characters; the login's name comes first." example:"Ada"`
	Roles     []string           `json:"roles,omitempty" maxItems:"6" doc:"That the player would take, the dearest first; left out, any."`
	Latencies map[string]float64 `json:"latencies,omitempty" maxProperties:"32" doc:"Milliseconds to each region, as the client has measured."`
	Avoid     []string           `json:"avoid,omitempty" maxItems:"32" doc:"Players, by the sub of their tokens, not to be matched with."`
	Skill     *skillBody         `json:"skill,omitempty" doc:"Only where nobody is asked who they are; else it is the login's claim skill."`
	Extra     propertiesBody     `json:"properties,omitempty" doc:"What the game's own rules look at."`
}

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
	r.Expires = millis(now.Add(time.Duration(l.queue.Life * float64(time.Second))))
	id, secret := rand.Text(), ""
	who := callerOf(ctx)
	if in.Body.Party != "" {
		r.Party = cleanCode(in.Body.Party)
		_, party, err := n.readParty(ctx, r.Party)
		if err == nil {
			err = party.fill(r, l.queue, who, in.Secret)
		}
		if err != nil {
			return nil, n.ticketProblem(err)
		}
	} else {
		m, s, p := n.entrant(who, &in.Body.PlayerWish)
		if p != nil {
			return nil, p
		}
		secret = s
		party := partyRecord{Members: []partyMember{m}}
		if err := party.fill(r, l.queue, who, secret); err != nil {
			return nil, n.ticketProblem(err)
		}
	}
	if p := n.checkTicket(l, r); p != nil {
		return nil, p
	}
	r.Ticket.ID, r.Ticket.Since, r.Seen = id, seconds(now), millis(now)
	t := directory.Ticket{ID: id, Queue: l.name}
	err := r.store(&t, now)
	if err == nil {
		_, err = n.dir.Put(ctx, t)
	}
	if err == nil && r.Party != "" {
		err = n.noteTicket(ctx, id, r)
	}
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	n.queues.poke()
	out := &ticketOutput{NoStore: "no-store"}
	out.Body.Ticket, out.Body.Secret, out.Body.Expires = id, secret, r.Expires.time().UTC()
	return out, nil
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

// entrant is who asks, as a member of a ticket or a party, and their secret, if they need
// one.
func (n *node) entrant(who caller, w *PlayerWish) (partyMember, string, *Problem) {
	j := joinerOf(who, w.Name)
	m := partyMember{
		Entrant: sim.Entrant{Player: j.id, Roles: w.Roles, Latencies: w.Latencies, Avoid: w.Avoid},
		Seat:    seatRecord{Name: j.name, Until: millis(j.until)},
	}
	if p := checkLatencies(w.Latencies); p != nil {
		return m, "", p
	}
	props, err := properties(w.Extra)
	if err != nil {
		return m, "", badProperties(err)
	}
	m.Entrant.Properties = propertiesOf(props)
	switch {
	case who.id != nil && who.id.Skill != nil:
		m.Known, m.Entrant.Skill = true, sim.Skill{Mu: who.id.Skill.Mean, Sigma: who.id.Skill.Deviation}
	case n.who == nil && w.Skill != nil:
		m.Known, m.Entrant.Skill = true, sim.Skill{Mu: w.Skill.Mu, Sigma: w.Skill.Sigma}
	}
	if math.Abs(m.Entrant.Skill.Mu) > 1e6 || m.Entrant.Skill.Sigma > 1e6 {
		return m, "", badWish("The skill is beyond a million.", "Send another.")
	}
	secret := ""
	if who.id == nil {
		secret = rand.Text()
		m.Seat.Secret = hashSecret(secret)
	}
	return m, secret, nil
}

func checkLatencies(all map[string]float64) *Problem {
	for _, ms := range all {
		if !(ms >= 0 && ms < 1e5) {
			return badWish("latencies are milliseconds.", "Measure them anew.")
		}
	}
	return nil
}

// checkTicket finds what of a ticket its queue does not take.
func (n *node) checkTicket(l *waitline, r *ticketRecord) *Problem {
	if len(r.Seats) > l.queue.MaxParty {
		return partyTooLarge(l.queue.Name, l.queue.MaxParty)
	}
	for i := range r.Ticket.Members {
		for _, role := range r.Ticket.Members[i].Roles {
			if !slices.ContainsFunc(l.queue.Roles, func(known sim.Role) bool { return known.Name == role }) {
				return badWish("The queue has no such role.", "Leave out \"roles\", or use those of GET /v1/games.")
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tickets) >= maxTickets {
		return queueFull(l.queue.Name)
	}
	for i := range r.Ticket.Members {
		if id, waits := l.players[r.Ticket.Members[i].Player]; waits {
			return alreadyWaiting(id)
		}
	}
	return nil
}

// maxTickets bounds a queue: what a round may take, twice.
const maxTickets = 200_000

type ticketQuery struct {
	address
	ID     string  `path:"ticket" maxLength:"64" doc:"The ticket's id."`
	Secret string  `header:"Ticket-Secret" doc:"The secret of a member: without it, or an identity, the answer has no token."`
	Wait   float64 `query:"wait" minimum:"0" maximum:"25" doc:"Seconds to wait for the ticket to change."`
	After  uint64  `query:"after" doc:"With wait: the version that the client knows."`
}

// ticketBody is a ticket as its members see it.
type ticketBody struct {
	State    string     `json:"state" enum:"waiting,found,matched,cancelled,expired" doc:"found: accept or decline."`
	Version  uint64     `json:"version" doc:"Rises with every change."`
	Waiting  int        `json:"waiting" doc:"Tickets in the queue."`
	Waited   float64    `json:"waited" doc:"Seconds."`
	Estimate *float64   `json:"estimate,omitempty" doc:"More seconds that it may take, by those who were matched lately; left out if nobody was."`
	Why      string     `json:"why,omitempty" doc:"It is cancelled."`
	Deadline *time.Time `json:"deadline,omitempty" doc:"To accept."`
	Accepted *int       `json:"accepted,omitempty" doc:"Members of this ticket who have accepted."`
	Players  int        `json:"players" doc:"Of the ticket."`
	Match    string     `json:"match,omitempty" doc:"The match's id."`
	Team     int        `json:"team,omitempty" doc:"Of the match: 1 is the first."`
	Role     string     `json:"role,omitempty" doc:"Of who asks."`
	Fairness *float64   `json:"fairness,omitempty" doc:"The chance of the weakest team, 0 to 0.5."`
	Room     string     `json:"room,omitempty"`
	URL      string     `json:"url,omitempty" format:"uri" doc:"Where to open the WebSocket."`
	Token    string     `json:"token,omitempty" doc:"The seat token of who asks. It works once."`
	Expires  *time.Time `json:"expires,omitempty" doc:"Of the ticket while it waits, of the token once it is matched."`
}

type ticketAnswer struct {
	NoStore string `header:"Cache-Control"`
	Body    ticketBody
}

// getTicket is GET /v1/tickets/{ticket}.
func (n *node) getTicket(ctx context.Context, in *ticketQuery) (*ticketAnswer, error) {
	limit := time.NewTimer(time.Duration(min(in.Wait, maxWait) * float64(time.Second)))
	defer limit.Stop()
	for {
		t, r, changed, err := n.lookAtTicket(ctx, in.ID)
		if err != nil {
			return nil, n.ticketProblem(err)
		}
		fresh := in.After == 0 && r.State != ticketWaiting || in.After != 0 && t.Version != in.After
		n.noteSeen(ctx, in.ID, callerOf(ctx), in.Secret, r)
		if in.Wait == 0 || fresh {
			return n.answerTicket(callerOf(ctx), in.Secret, in.base, t, r), nil
		}
		select {
		case <-changed:
		case <-limit.C:
			in.Wait = 0
		case <-n.ending:
			in.Wait = 0
		case <-ctx.Done():
			return nil, serverBusy()
		}
	}
}

// lookAtTicket reads a ticket, and returns what is closed when it changes.
func (n *node) lookAtTicket(ctx context.Context, id string) (directory.Ticket, *ticketRecord, <-chan struct{}, error) {
	t, r, err := n.readTicket(ctx, id)
	if err != nil {
		return t, nil, nil, err
	}
	l := n.queues.lineOf(r.Game, r.Queue)
	if l == nil {
		return t, nil, nil, directory.ErrUnknownTicket
	}
	changed := l.change(id)
	if again, r, err := n.readTicket(ctx, id); err == nil { // it may have changed in between
		return again, r, changed, nil
	}
	return t, r, changed, nil
}

func (n *node) answerTicket(who caller, secret, base string, t directory.Ticket, r *ticketRecord) *ticketAnswer {
	a := &ticketAnswer{NoStore: "no-store", Body: n.describeTicket(t.Version, r, time.Now())}
	i := r.member(who, secret)
	if m := r.Match; m != nil && r.State == ticketMatched {
		a.Body.Room, a.Body.URL = m.Room, n.socketURL(base, &grant{room: m.Room, node: m.Node})
		if i >= 0 {
			ends := r.Seats[i].TokenEnd.time().UTC()
			a.Body.Token, a.Body.Expires = r.Seats[i].Token, &ends
		}
	}
	if i >= 0 {
		a.Body.Role = r.Seats[i].Role
	}
	return a
}

// describeTicket is what everybody may know of a ticket who has its id.
func (n *node) describeTicket(version uint64, r *ticketRecord, now time.Time) ticketBody {
	b := ticketBody{State: r.State, Version: version, Why: r.Why, Players: len(r.Seats)}
	l := n.queues.lineOf(r.Game, r.Queue)
	b.Waited = math.Round(max(0, seconds(now)-r.Ticket.Since)*10) / 10
	if m := r.Match; m != nil {
		b.Match, b.Team = m.ID, m.Team
		if m.Fairness > 0 {
			b.Fairness = &m.Fairness
		}
	}
	switch r.State {
	case ticketWaiting:
		b.Waiting = l.length()
		if left, ok := l.estimate(&r.Ticket, now); ok {
			left = math.Ceil(left)
			b.Estimate = &left
		}
		ends := r.Expires.time().UTC()
		b.Expires = &ends
	case ticketFound:
		deadline, accepted := r.Match.Deadline.time().UTC(), 0
		for i := range r.Seats {
			if r.Seats[i].Accepted {
				accepted++
			}
		}
		b.Deadline, b.Accepted = &deadline, &accepted
	}
	return b
}

type answerInput struct {
	address
	Key    string `header:"Idempotency-Key" doc:"As of POST /v1/tickets."`
	ID     string `path:"ticket" maxLength:"64" doc:"The ticket's id."`
	Secret string `header:"Ticket-Secret" doc:"The secret of a member; not needed with an identity."`
}

// acceptTicket and declineTicket are POST /v1/tickets/{ticket}/accept and decline.
func (n *node) acceptTicket(ctx context.Context, in *answerInput) (*ticketAnswer, error) {
	return n.sayTo(ctx, in, true)
}

func (n *node) declineTicket(ctx context.Context, in *answerInput) (*ticketAnswer, error) {
	return n.sayTo(ctx, in, false)
}

func (n *node) sayTo(ctx context.Context, in *answerInput, yes bool) (*ticketAnswer, error) {
	r, err := n.answerMatch(ctx, in.ID, callerOf(ctx), in.Secret, yes)
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	if r.State == ticketCancelled {
		n.queues.countEnd(r)
	}
	return n.now(ctx, in.ID, in.Secret, in.base)
}

// now is a ticket as it is.
func (n *node) now(ctx context.Context, id, secret, base string) (*ticketAnswer, error) {
	t, r, err := n.readTicket(ctx, id)
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	return n.answerTicket(callerOf(ctx), secret, base, t, r), nil
}

// deleteTicket is DELETE /v1/tickets/{ticket}.
func (n *node) deleteTicket(ctx context.Context, in *answerInput) (*ticketAnswer, error) {
	who := callerOf(ctx)
	over := false
	r, err := n.cancelTicket(ctx, in.ID, "cancelled", func(r *ticketRecord) bool {
		over = r.State != ticketWaiting && r.State != ticketFound
		return r.member(who, in.Secret) >= 0
	})
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	if !over {
		n.queues.countEnd(r)
	}
	return n.now(ctx, in.ID, in.Secret, in.base)
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
