package server

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

const (
	// partyLife is how long a party is kept in which nothing happens.
	partyLife = 30 * time.Minute

	// partyQueue is where the directory keeps parties.
	partyQueue = "party"
)

var (
	errNoParty   = errors.New("server: no such party, or it is full")
	errNotLeader = errors.New("server: only the first of the party may do that")
)

// partyRecord is people who queue together. The first of them leads: when that one leaves,
// the next does.
type partyRecord struct {
	Game    string        `json:"game"`
	Members []partyMember `json:"members"`
	Ticket  string        `json:"ticket,omitempty"` // the last one; it may be over
	Queue   string        `json:"queue,omitempty"`  // of that
}

type partyMember struct {
	Entrant sim.Entrant `json:"entrant"` // Skill is empty if nothing is known
	Known   bool        `json:"known"`   // Skill is
	Seat    seatRecord  `json:"seat"`
}

func partyID(code string) string { return partyQueue + "/" + code }

// openParty makes a party of one, and returns its code.
func (n *node) openParty(ctx context.Context, game *sim.Definition, m partyMember) (string, error) {
	for range codeTries {
		code := newCode()
		body, err := json.Marshal(partyRecord{Game: game.Name(), Members: []partyMember{m}})
		if err != nil {
			return "", err
		}
		_, err = n.dir.Put(ctx, directory.Ticket{ID: partyID(code), Queue: partyQueue, For: partyLife, Body: body})
		if !errors.Is(err, directory.ErrConflict) {
			return code, err
		}
	}
	return "", directory.ErrCodeTaken
}

// readParty returns a party of the directory.
func (n *node) readParty(ctx context.Context, code string) (directory.Ticket, *partyRecord, error) {
	t, err := n.dir.Ticket(ctx, partyID(code))
	if errors.Is(err, directory.ErrUnknownTicket) {
		err = errNoParty
	}
	if err != nil {
		return t, nil, err
	}
	p := new(partyRecord)
	if err := json.Unmarshal(t.Body, p); err != nil || len(p.Members) == 0 {
		return t, nil, errNoParty
	}
	return t, p, nil
}

// changeParty changes a party for as long as others are faster.
func (n *node) changeParty(ctx context.Context, code string, change func(*partyRecord) error) (*partyRecord, error) {
	for range writeTries {
		t, p, err := n.readParty(ctx, code)
		if err != nil {
			return nil, err
		}
		if err := change(p); err != nil {
			return nil, err
		}
		t.For = partyLife
		if len(p.Members) == 0 {
			t.For = time.Second // nobody will ask
		}
		if t.Body, err = json.Marshal(p); err != nil {
			return nil, err
		}
		if _, err = n.dir.Put(ctx, t); !errors.Is(err, directory.ErrConflict) {
			return p, err
		}
	}
	return nil, errBusy
}

// joinParty adds somebody, unless the party waits in a queue: its ticket is of who was there.
// Who is in it already gets another secret and nothing else.
func (n *node) joinParty(ctx context.Context, code string, m partyMember) (*partyRecord, error) {
	return n.changeParty(ctx, code, func(p *partyRecord) error {
		for i := range p.Members {
			if p.Members[i].Entrant.Player == m.Entrant.Player {
				p.Members[i] = m
				return nil
			}
		}
		game := n.games[p.Game]
		if game == nil || len(p.Members) >= largestParty(game) {
			return errNoParty
		}
		r, err := n.partyTicket(ctx, p)
		if err != nil {
			return err
		}
		if r.waits() {
			return partyWaits()
		}
		p.Members = append(p.Members, m)
		return nil
	})
}

// leaveParty takes the party's ticket out of its queue, then removes somebody: if only the
// first is done they may ask again, and nobody waits who has left.
func (n *node) leaveParty(ctx context.Context, code string, who caller, secret string) (*partyRecord, error) {
	return n.changeParty(ctx, code, func(p *partyRecord) error {
		i := p.member(who, secret)
		if i < 0 {
			return errNotMember
		}
		if err := n.leaveQueue(ctx, p); err != nil {
			return err
		}
		p.Members = slices.Delete(p.Members, i, i+1)
		return nil
	})
}

// member is the place of who asks, -1 if they are not in it.
func (p *partyRecord) member(who caller, secret string) int {
	r := ticketRecord{}
	for _, m := range p.Members {
		r.Ticket.Members = append(r.Ticket.Members, m.Entrant)
		r.Seats = append(r.Seats, m.Seat)
	}
	return r.member(who, secret)
}

// largestParty is of any queue of a game.
func largestParty(g *sim.Definition) int {
	most := 0
	for _, q := range g.Config().Queues {
		most = max(most, q.MaxParty)
	}
	return most
}
