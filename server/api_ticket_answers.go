package server

import (
	"context"
)

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
