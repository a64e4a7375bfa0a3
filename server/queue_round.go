package server

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/queue"
)

// seatAtOnce is how many matches are on their way into rooms at once: a room answers
// between two ticks.
const seatAtOnce = 64

// pairing is a match, or part of one, on its way into a room.
type pairing struct {
	tickets  []*mirrored
	teams    []int      // of the tickets; 1 is the first
	roles    [][]string // of the tickets' members; nil without roles
	region   string
	fairness float64
	fills    *opening // of a running room; nil: a new one
}

// round matches those who wait, in the regions in which a node has room for a match.
func (qs *queues) round(ctx context.Context, l *waitline, list []*mirrored, now time.Time) {
	byID := make(map[string]*mirrored, len(list))
	in := queue.Input{Regions: regionsOf(qs.n.placesFor(l.game.Name())), Backfills: qs.readOpenings(ctx, l, now)}
	if len(in.Regions) == 0 {
		return // wherever they are, they wait
	}
	for _, m := range list {
		byID[m.ticket.ID] = m
		in.Tickets = append(in.Tickets, &m.record.Ticket)
	}
	made := queue.Match(l.queue, in, seconds(now))
	var seating errgroup.Group
	seating.SetLimit(seatAtOnce)
	for _, f := range made.Fills {
		p := fillOf(f, byID)
		p.fills = l.takeOpening(f.Room)
		qs.begin(&seating, l, p)
	}
	for i := range made.Matches {
		p := pairingOf(&made.Matches[i], byID)
		if l.queue.Accept > 0 {
			qs.ask(ctx, l, p, now)
			continue
		}
		qs.begin(&seating, l, p)
	}
}

// begin seats a match while others are seated, too. Nobody waits for it.
func (qs *queues) begin(g *errgroup.Group, l *waitline, p *pairing) {
	l.setBusy(p.tickets, true)
	lease := l.lease
	qs.seating.Add(1)
	g.Go(func() error {
		defer qs.seating.Done()
		defer qs.poke()
		defer l.setBusy(p.tickets, false)
		ctx, cancel := context.WithTimeout(qs.n.cut, matchTimeout)
		defer cancel()
		if err := qs.seat(ctx, l, lease, p); err != nil {
			qs.n.log.Warn("match not seated; its tickets wait on", "queue", l.name, "cause", err)
		}
		return nil
	})
}

func pairingOf(m *queue.Made, byID map[string]*mirrored) *pairing {
	p := &pairing{region: m.Region, fairness: m.Fairness}
	for t, team := range m.Teams {
		var roles []string
		if m.Roles != nil {
			roles = m.Roles[t]
		}
		for _, ticket := range team {
			p.tickets = append(p.tickets, byID[ticket.ID])
			p.teams = append(p.teams, t+1)
			if roles == nil {
				p.roles = append(p.roles, nil)
				continue
			}
			p.roles = append(p.roles, roles[:len(ticket.Members)])
			roles = roles[len(ticket.Members):]
		}
	}
	return p
}

func fillOf(f queue.Fill, byID map[string]*mirrored) *pairing {
	p := &pairing{region: f.Region}
	for _, placed := range f.Placed {
		p.tickets = append(p.tickets, byID[placed.Ticket.ID])
		p.teams = append(p.teams, placed.Team+1)
		p.roles = append(p.roles, placed.Roles)
	}
	return p
}

// records are the tickets' records as they become, with their match.
func (p *pairing) records(state string, m matchRecord) []*ticketRecord {
	for _, t := range p.tickets {
		m.Tickets = append(m.Tickets, t.ticket.ID)
	}
	list := make([]*ticketRecord, len(p.tickets))
	for i, t := range p.tickets {
		r := *t.record
		r.Seats = slices.Clone(r.Seats)
		own := m
		own.Team = p.teams[i]
		r.State, r.Match = state, &own
		for j := range r.Seats {
			if p.roles[i] != nil {
				r.Seats[j].Role = p.roles[i][j]
			}
		}
		list[i] = &r
	}
	return list
}

// assign writes what has become of tickets, of all or of none.
func (qs *queues) assign(ctx context.Context, lease directory.Lease, tickets []*mirrored, records []*ticketRecord) error {
	list := make([]directory.Ticket, len(tickets))
	now := time.Now()
	for i, m := range tickets {
		list[i] = m.ticket
		if err := records[i].store(&list[i], now); err != nil {
			return err
		}
	}
	return qs.n.dir.Assign(ctx, lease, list)
}

// ask tells everybody of a match, to be accepted.
func (qs *queues) ask(ctx context.Context, l *waitline, p *pairing, now time.Time) {
	m := matchRecord{
		ID: rand.Text(), Region: p.region, Fairness: p.fairness,
		Deadline: millis(now.Add(time.Duration(l.queue.Accept * float64(time.Second)))),
	}
	if err := qs.assign(ctx, l.lease, p.tickets, p.records(ticketFound, m)); err != nil {
		qs.n.log.Debug("match not asked for", "queue", l.name, "cause", err) // somebody left: the next round sees it
	}
	qs.poke()
}

// judge seats the matches that everybody has accepted, and dissolves those that somebody
// has not.
func (qs *queues) judge(ctx context.Context, l *waitline, now time.Time) {
	var seating errgroup.Group
	seating.SetLimit(seatAtOnce)
	for _, list := range l.found() {
		m := list[0].record.Match
		whole, all := len(list) == len(m.Tickets), true
		for _, t := range list {
			all = all && t.record.accepted()
		}
		switch {
		case whole && all:
			qs.begin(&seating, l, accepted(list))
		case !whole || !now.Before(m.Deadline.time()):
			qs.dissolve(ctx, l, list)
		}
	}
}

// accepted is the match that tickets have agreed to.
func accepted(list []*mirrored) *pairing {
	m := list[0].record.Match
	slices.SortFunc(list, func(a, b *mirrored) int {
		return slices.Index(m.Tickets, a.ticket.ID) - slices.Index(m.Tickets, b.ticket.ID)
	})
	p := &pairing{tickets: list, region: m.Region, fairness: m.Fairness}
	for _, t := range list {
		p.teams = append(p.teams, t.record.Match.Team)
		var roles []string
		for _, s := range t.record.Seats {
			if s.Role != "" {
				roles = append(roles, s.Role)
			}
		}
		p.roles = append(p.roles, roles)
	}
	return p
}

// dissolve ends a match that did not come about: who accepted waits on where they were in
// the queue, who did not is out of it. Where a ticket has left, the others are not to blame.
func (qs *queues) dissolve(ctx context.Context, l *waitline, list []*mirrored) {
	blame := len(list) == len(list[0].record.Match.Tickets)
	for _, m := range list {
		r := *m.record
		r.Seats = slices.Clone(r.Seats)
		ignored := blame && !r.accepted()
		if ignored {
			r.end(ticketCancelled, "the match was not accepted in time")
		} else {
			r.again()
		}
		if err := qs.assign(ctx, l.lease, []*mirrored{m}, []*ticketRecord{&r}); err == nil && ignored {
			qs.count(l, ticketCancelled, 1)
		}
	}
	qs.poke()
}

// seat gets everybody of a match a seat, in a new room or the one that lost players, and
// tells them. Nobody is told unless all have one.
func (qs *queues) seat(ctx context.Context, l *waitline, lease directory.Lease, p *pairing) error {
	records := p.records(ticketMatched, matchRecord{Region: p.region, Fairness: p.fairness})
	w := wishOfMatch(l, p, records)
	seats, err := qs.n.placeMatch(ctx, p, w)
	if err != nil {
		return err
	}
	seats.take(records)
	if err := qs.assign(ctx, lease, p.tickets, records); err != nil {
		if errors.Is(err, directory.ErrConflict) || errors.Is(err, directory.ErrFenced) {
			qs.n.abandon(seats.Node, w.Match)
		}
		return err // else they may have been told, or the seats expire
	}
	now := time.Now()
	for _, m := range p.tickets {
		qs.waits.WithLabelValues(l.game.Name(), l.queue.Name).Observe(max(0, seconds(now)-m.record.Ticket.Since))
	}
	end := ticketMatched
	if p.fills != nil {
		end = "filled"
	} else {
		qs.fairness.WithLabelValues(l.game.Name(), l.queue.Name).Observe(p.fairness)
	}
	qs.count(l, end, len(p.tickets))
	return nil
}
