package server

import (
	"context"
	"errors"
	"slices"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// waits reports whether a ticket is in its queue, or has a match that nobody plays yet.
func (r *ticketRecord) waits() bool { return r.State == ticketWaiting || r.State == ticketFound }

// add adds a player to a ticket.
func (r *ticketRecord) add(q *sim.Queue, m partyMember) {
	e := m.Entrant
	if !m.Known {
		e.Skill = q.Newcomer
	}
	r.Ticket.Members = append(r.Ticket.Members, e)
	r.Seats = append(r.Seats, m.Seat)
}

// partyTicket is the last ticket of a party, an empty one if there is none any more.
func (n *node) partyTicket(ctx context.Context, p *partyRecord) (*ticketRecord, error) {
	if p.Ticket == "" {
		return new(ticketRecord), nil
	}
	_, r, err := n.readTicket(ctx, p.Ticket)
	if errors.Is(err, directory.ErrUnknownTicket) {
		return new(ticketRecord), nil
	}
	return r, err
}

// fillOfParty makes a ticket of a party: all of it, led by who asks. A party waits with one
// ticket: in two queues its members could be given two matches at once.
func (n *node) fillOfParty(ctx context.Context, r *ticketRecord, q *sim.Queue, who caller, secret string) error {
	_, p, err := n.readParty(ctx, r.Party)
	if err != nil {
		return err
	}
	switch i := p.member(who, secret); {
	case i < 0:
		return errNoParty // who guesses learns nothing
	case i > 0:
		return errNotLeader
	}
	last, err := n.partyTicket(ctx, p)
	if err != nil {
		return err
	}
	if last.waits() {
		return alreadyWaiting(p.Ticket)
	}
	for _, m := range p.Members {
		r.add(q, m)
	}
	return nil
}

// noteTicket tells a party of its ticket. If it has changed since the ticket was made of it,
// or waits with another by now, the ticket is cancelled: nobody is to wait who has left, or
// twice.
func (n *node) noteTicket(ctx context.Context, id string, r *ticketRecord) error {
	_, err := n.changeParty(ctx, r.Party, func(p *partyRecord) error {
		same := slices.EqualFunc(p.Members, r.Ticket.Members, func(m partyMember, e sim.Entrant) bool {
			return m.Entrant.Player == e.Player
		})
		if !same {
			return errBusy
		}
		last, err := n.partyTicket(ctx, p)
		if err != nil {
			return err
		}
		if last.waits() && p.Ticket != id {
			return alreadyWaiting(p.Ticket)
		}
		p.Ticket, p.Queue = id, r.Queue
		return nil
	})
	if err != nil {
		_, _ = n.cancelTicket(context.WithoutCancel(ctx), id, "the party has changed", anybody) // else nobody looks at it, and it expires
	}
	return err
}

// leaveQueue takes the ticket of a party out of its queue, for one of its members. A match
// that it has stays: the others play it.
func (n *node) leaveQueue(ctx context.Context, p *partyRecord) error {
	if p.Ticket == "" {
		return nil
	}
	r, err := n.cancelTicket(ctx, p.Ticket, "a member has left the party", anybody)
	if err != nil && !errors.Is(err, directory.ErrUnknownTicket) {
		return err
	}
	if err != nil || r.State != ticketMatched {
		p.Ticket, p.Queue = "", ""
	}
	return nil
}

// anybody is for what was allowed before.
func anybody(*ticketRecord) bool { return true }

// hideTicket makes a party show its ticket only to who waits with it or has a seat by it: to
// others, and once it is over, it would look as if there were a match to come.
func (n *node) hideTicket(ctx context.Context, p *partyRecord, who caller, secret string) error {
	r, err := n.partyTicket(ctx, p)
	if err != nil {
		return err
	}
	if !r.waits() && r.State != ticketMatched || r.member(who, secret) < 0 {
		p.Ticket, p.Queue = "", ""
	}
	return nil
}
