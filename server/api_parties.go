package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

type partyInput struct {
	Key  string `header:"Idempotency-Key" doc:"As of POST /v1/tickets."`
	Body struct {
		PlayerWish
		Game string `json:"game" doc:"Name of the game." example:"arena"`
	}
}

type joinPartyInput struct {
	Key  string `header:"Idempotency-Key" doc:"As of POST /v1/tickets."`
	Body struct {
		PlayerWish
		Code string `json:"code" maxLength:"24" doc:"Of the party." example:"7KX0QM"`
	}
}

type partyQuery struct {
	Code   string `path:"party" maxLength:"24" doc:"The party's code."`
	Secret string `header:"Ticket-Secret" doc:"The secret of a member; not needed with an identity."`
}

type partyOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Party   string   `json:"party" doc:"Its code, for others to join by."`
		Secret  string   `json:"secret,omitempty" doc:"To send as Ticket-Secret, also for the party's tickets; only for who has no identity."`
		Game    string   `json:"game"`
		Members []string `json:"members" nullable:"false" doc:"Their names; the first leads."`
		Ticket  string   `json:"ticket,omitempty" doc:"That the party waits with, or has its match by; for who is on it."`
		Queue   string   `json:"queue,omitempty" doc:"Of that ticket."`
	}
}

func partyAnswer(code, secret string, p *partyRecord) *partyOutput {
	out := &partyOutput{NoStore: "no-store"}
	out.Body.Party, out.Body.Secret, out.Body.Game, out.Body.Ticket, out.Body.Queue = code, secret, p.Game, p.Ticket, p.Queue
	out.Body.Members = make([]string, len(p.Members))
	for i := range p.Members {
		out.Body.Members[i] = p.Members[i].Seat.Name
	}
	return out
}

// createParty is POST /v1/parties.
func (n *node) createParty(ctx context.Context, in *partyInput) (*partyOutput, error) {
	game := n.games[in.Body.Game]
	if game == nil {
		return nil, unknownGame(cleanName(in.Body.Game), n.known)
	}
	if largestParty(game) < 2 {
		return nil, noParties(game.Name())
	}
	m, secret, p := n.entrant(callerOf(ctx), &in.Body.PlayerWish)
	if p != nil {
		return nil, p
	}
	code, err := n.openParty(ctx, game, m)
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	return partyAnswer(code, secret, &partyRecord{Game: game.Name(), Members: []partyMember{m}}), nil
}

// enterParty is POST /v1/parties/join.
func (n *node) enterParty(ctx context.Context, in *joinPartyInput) (*partyOutput, error) {
	who := callerOf(ctx)
	if !n.guesses.allow(who.addr, time.Now()) {
		return nil, tooManyGuesses()
	}
	m, secret, p := n.entrant(who, &in.Body.PlayerWish)
	if p != nil {
		return nil, p
	}
	code := cleanCode(in.Body.Code)
	party, err := n.joinParty(ctx, code, m)
	if err == nil {
		err = n.hideTicket(ctx, party, who, secret)
	}
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	return partyAnswer(code, secret, party), nil
}

// getParty is GET /v1/parties/{party}, for its members only.
func (n *node) getParty(ctx context.Context, in *partyQuery) (*partyOutput, error) {
	code := cleanCode(in.Code)
	_, party, err := n.readParty(ctx, code)
	if err == nil && party.member(callerOf(ctx), in.Secret) < 0 {
		err = errNoParty // who guesses learns nothing
	}
	if err == nil {
		err = n.hideTicket(ctx, party, callerOf(ctx), in.Secret)
	}
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	return partyAnswer(code, "", party), nil
}

// quitParty is DELETE /v1/parties/{party}: who asks leaves it.
func (n *node) quitParty(ctx context.Context, in *partyQuery) (*partyOutput, error) {
	code := cleanCode(in.Code)
	party, err := n.leaveParty(ctx, code, callerOf(ctx), in.Secret)
	if errors.Is(err, errNotMember) {
		err = errNoParty // who guesses learns nothing
	}
	if err != nil {
		return nil, n.ticketProblem(err)
	}
	return partyAnswer(code, "", party), nil
}

func (n *node) describeParties(api huma.API, registry huma.Registry) {
	body := []string{"400", "401", "403", "404", "409", "413", "415", "422", "429", "503"}
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "party", Method: http.MethodPost, Path: "/v1/parties", MaxBodyBytes: maxBody,
		Summary: "Make a party, to be joined by its code",
	}, body...), n.createParty)
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "joinParty", Method: http.MethodPost, Path: "/v1/parties/join", MaxBodyBytes: maxBody,
		Summary: "Join a party that does not wait in a queue",
	}, body...), n.enterParty)
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "getParty", Method: http.MethodGet, Path: "/v1/parties/{party}",
		Summary: "Look at one's party: who is in it, and its ticket",
	}, "401", "404", "422", "429", "503"), n.getParty)
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "leaveParty", Method: http.MethodDelete, Path: "/v1/parties/{party}",
		Summary: "Leave one's party; its ticket leaves its queue",
	}, "401", "403", "404", "422", "429", "503"), n.quitParty)
}
