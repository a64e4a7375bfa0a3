package server

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/queue"
)

const (
	// seatAtOnce is how many matches are on their way into rooms at once: a room answers
	// between two ticks.
	seatAtOnce = 64

	// writeAtOnce is how many writes of tickets are on their way to the directory beside
	// those, so that nobody waits for slow rooms to hear of a match.
	writeAtOnce = 16
)

// pairing is a match, or part of one, on its way into a room.
type pairing struct {
	tickets  []*mirrored
	teams    []int      // of the tickets; 1 is the first
	roles    [][]string // of the tickets' members; nil without roles
	region   string
	fairness float64  // of all; of a running room nobody knows
	fills    *opening // of a running room; nil: a new one
}

// round matches those who wait, in the regions in which a node has room for a match.
func (qs *queues) round(ctx context.Context, l *waitline, list []*mirrored, now time.Time) {
	byID := make(map[string]*mirrored, len(list))
	in := queue.Input{Regions: regionsOf(qs.n.placesFor(l.game.Name())), Backfills: qs.readOpenings(ctx, l, now)}
	if len(in.Regions) == 0 {
		if len(in.Backfills) == 0 {
			return // wherever they are, they wait
		}
		in.Regions = []string{} // not nil: running rooms may be filled, that is all
	}
	for _, m := range list {
		byID[m.ticket.ID] = m
		in.Tickets = append(in.Tickets, &m.record.Ticket)
	}
	made := queue.Match(l.queue, in, seconds(now))
	for _, f := range made.Fills {
		p := fillOf(f, byID)
		p.fills = l.takeOpening(f.Room)
		qs.seatSoon(l, p)
	}
	for i := range made.Matches {
		p := pairingOf(&made.Matches[i], byID)
		if l.queue.Accept > 0 {
			qs.askSoon(l, p, now)
			continue
		}
		qs.seatSoon(l, p)
	}
}

// begin does something about tickets that wait for no other until it is done. Nobody waits
// for it, nor for its turn: a queue with much to do does not hold up the others.
func (qs *queues) begin(l *waitline, turn chan struct{}, tickets []*mirrored, do func(context.Context, directory.Lease) error) {
	l.setBusy(tickets)
	lease := l.lease
	qs.seating.Go(func() {
		defer qs.poke()
		turn <- struct{}{}
		defer func() { <-turn }()
		ctx, cancel := context.WithTimeout(qs.n.cut, matchTimeout)
		defer cancel()
		if err := do(ctx, lease); err != nil {
			l.setIdle(tickets)
			qs.n.log.Log(ctx, severity(err), "tickets not served; they wait on", "queue", l.name, "cause", err)
		}
	})
}

// severity is for what is daily business: somebody left or looked, or matching moved on.
func severity(err error) slog.Level {
	if errors.Is(err, directory.ErrConflict) || errors.Is(err, directory.ErrFenced) {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

// seatSoon gets a match into a room.
func (qs *queues) seatSoon(l *waitline, p *pairing) {
	qs.begin(l, qs.seats, p.tickets, func(ctx context.Context, lease directory.Lease) error {
		return qs.seat(ctx, l, lease, p)
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
	err := qs.n.dir.Assign(ctx, lease, list)
	for range writeTries { // of many somebody often looks just now
		if !errors.Is(err, directory.ErrConflict) || !qs.onlySeen(ctx, tickets, list) {
			break
		}
		err = qs.n.dir.Assign(ctx, lease, list)
	}
	return err
}

// onlySeen reports whether nothing has become of tickets but that members looked at them,
// and lets list be written over that.
func (qs *queues) onlySeen(ctx context.Context, tickets []*mirrored, list []directory.Ticket) bool {
	for i, m := range tickets {
		t, err := qs.n.dir.Ticket(ctx, m.ticket.ID)
		if err != nil {
			return false
		}
		if t.Version == list[i].Version {
			continue
		}
		r, err := parseTicket(&t)
		if err != nil || !r.sameButSeen(m.record) {
			return false
		}
		list[i].Version = t.Version
	}
	return true
}

// askSoon tells everybody of a match, to be accepted.
func (qs *queues) askSoon(l *waitline, p *pairing, now time.Time) {
	m := matchRecord{
		ID: rand.Text(), Region: p.region, Fairness: p.fairness,
		Deadline: millis(now.Add(time.Duration(l.queue.Accept * float64(time.Second)))),
	}
	qs.begin(l, qs.writes, p.tickets, func(ctx context.Context, lease directory.Lease) error {
		return qs.assign(ctx, lease, p.tickets, p.records(ticketFound, m))
	})
}

// judge seats the matches that everybody has accepted, and dissolves those that somebody
// has not, or that no node has had room for.
func (qs *queues) judge(l *waitline, now time.Time) {
	for _, list := range l.found() {
		m := list[0].record.Match
		whole, all, deadline := len(list) == len(m.Tickets), true, m.Deadline.time()
		for _, t := range list {
			all = all && t.record.accepted()
		}
		switch {
		case whole && all && now.Before(deadline.Add(matchTimeout)):
			qs.seatSoon(l, accepted(list))
		case !whole || !now.Before(deadline):
			qs.dissolve(l, list, now)
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
func (qs *queues) dissolve(l *waitline, list []*mirrored, now time.Time) {
	blame := len(list) == len(list[0].record.Match.Tickets)
	for _, m := range list {
		if blame && !m.record.accepted() {
			qs.endSoon(l, []*mirrored{m}, ticketCancelled, "the match was not accepted in time")
			continue
		}
		r := *m.record
		r.Seats = slices.Clone(r.Seats) // the record is never changed
		r.again()
		r.Seen = millis(now) // looks were not noted while it did not wait
		qs.begin(l, qs.writes, []*mirrored{m}, func(ctx context.Context, lease directory.Lease) error {
			return qs.assign(ctx, lease, []*mirrored{m}, []*ticketRecord{&r})
		})
	}
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
