package server

import (
	"context"
	"math"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// maxWait bounds a long poll in seconds: proxies give up after a minute.
const maxWait = 25

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
