package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// TicketState is what the server says of a ticket.
type TicketState string

// The states of a ticket.
const (
	TicketWaiting   TicketState = "waiting"
	TicketFound     TicketState = "found" // a match, that everybody has to accept
	TicketMatched   TicketState = "matched"
	TicketCancelled TicketState = "cancelled"
	TicketExpired   TicketState = "expired"
)

// pollWait is how many seconds a long poll waits: the most that the server grants.
const pollWait = 25

// Skill is what is known of a player, as a queue's clients say it.
type Skill struct {
	Mu float64 `json:"mu"`
}

// Party is bots that queue together, alone if Code is empty. It is not safe for use from
// more than one goroutine.
type Party struct {
	opts    Options
	skill   *Skill // nil: nothing is known
	code    string
	secrets []string // of the members; the first leads
}

// OpenParty makes a party of so many bots. One bot alone makes no request.
func OpenParty(ctx context.Context, o Options, size int, skill *Skill) (*Party, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Party{opts: o, skill: skill}
	if size == 1 {
		return p, nil
	}
	for i := range size {
		r := request{what: "party", method: http.MethodPost, path: "/v1/parties", body: p.wish(i, "game", o.Game)}
		if i > 0 {
			r.path, r.body = "/v1/parties/join", p.wish(i, "code", p.code)
		}
		var answer struct{ Party, Secret string }
		if _, err := r.send(ctx, &o, &answer); err != nil {
			return nil, err
		}
		p.code = answer.Party
		p.secrets = append(p.secrets, answer.Secret)
	}
	return p, nil
}

func (p *Party) wish(member int, key, value string) map[string]any {
	asked := map[string]any{"name": p.opts.Name, key: value}
	if member > 0 {
		asked["name"] = fmt.Sprintf("%s+%d", p.opts.Name, member)
	}
	if p.skill != nil {
		asked["skill"] = p.skill
	}
	return asked
}

// Queue makes a ticket of the party in a queue of the game.
func (p *Party) Queue(ctx context.Context, queue string) (*Ticket, error) {
	asked := p.wish(0, "game", p.opts.Game)
	asked["queue"] = queue
	r := request{what: "ticket", method: http.MethodPost, path: "/v1/tickets", body: asked}
	if p.code != "" {
		asked["party"], r.secret = p.code, p.secrets[0]
	}
	var answer struct{ Ticket, Secret string }
	if _, err := r.send(ctx, &p.opts, &answer); err != nil {
		return nil, err
	}
	t := &Ticket{opts: p.opts, path: "/v1/tickets/" + url.PathEscape(answer.Ticket), secrets: p.secrets}
	if p.code == "" {
		t.secrets = []string{answer.Secret}
	}
	return t, nil
}

// Ticket is a request waiting in a queue. It is safe from any goroutine.
type Ticket struct {
	opts    Options
	path    string
	secrets []string // of the members
}

// TicketView is a ticket as one of its members sees it.
type TicketView struct {
	State    TicketState `json:"state"`
	Version  uint64      `json:"version"`
	Why      string      `json:"why"`
	Estimate *float64    `json:"estimate"` // more seconds that it may take; nil: not known
	Match    string      `json:"match"`
	Team     int         `json:"team"` // 1 is the first
	Fairness *float64    `json:"fairness"`
	Reservation
}

// Look asks how the ticket is.
func (t *Ticket) Look(ctx context.Context, member int) (TicketView, error) {
	return t.ask(ctx, http.MethodGet, "", member)
}

// Wait asks how the ticket is once it is not of that version any more, or the server's
// patience is over.
func (t *Ticket) Wait(ctx context.Context, member int, version uint64) (TicketView, error) {
	return t.ask(ctx, http.MethodGet, fmt.Sprintf("?wait=%d&after=%d", pollWait, version), member)
}

// Accept accepts the match that was found.
func (t *Ticket) Accept(ctx context.Context, member int) (TicketView, error) {
	return t.ask(ctx, http.MethodPost, "/accept", member)
}

// Decline declines it; the ticket leaves its queue.
func (t *Ticket) Decline(ctx context.Context, member int) (TicketView, error) {
	return t.ask(ctx, http.MethodPost, "/decline", member)
}

// Cancel takes the ticket out of its queue. What it returns may be matched all the same.
func (t *Ticket) Cancel(ctx context.Context) (TicketView, error) {
	return t.ask(ctx, http.MethodDelete, "", 0)
}

func (t *Ticket) ask(ctx context.Context, method, rest string, member int) (v TicketView, err error) {
	r := request{what: "ticket", method: method, path: t.path + rest, secret: t.secrets[member]}
	if _, err := r.send(ctx, &t.opts, &v); err != nil {
		return v, err
	}
	if v.URL != "" {
		v.URL, err = socketURL(t.opts.URL, v.URL)
	}
	return v, err
}
