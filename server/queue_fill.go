package server

import (
	"context"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/queue"
	"github.com/roomtick/roomtick/sim"
)

// fillTimeout is how long a room may take to say who is in it; one that does not is asked
// again in the next round.
const fillTimeout = 100 * time.Millisecond

// roster is who was matched into a room that takes others in when they leave.
type roster struct {
	size    int // players of a team
	players map[string]sim.Entrant
	asked   time.Time // since when it lacks somebody; zero if it does not
}

// enroll notes who is in a room, if it is one that takes others in.
func (l *waitline) enroll(h *host, records []*ticketRecord) {
	if !l.queue.Backfill {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rosters[h]
	if r == nil {
		r = &roster{players: make(map[string]sim.Entrant)}
		for _, t := range records {
			if t.Match.Team == 1 {
				r.size += len(t.Seats)
			}
		}
		l.rosters[h] = r
	}
	r.asked = time.Time{}
	for _, t := range records {
		for _, m := range t.Ticket.Members {
			r.players[m.Player] = m
		}
	}
}

// backfills are the rooms of this node that lost players of a queue, and whom they lack.
func (qs *queues) backfills(ctx context.Context, l *waitline, now time.Time) []*queue.Backfill {
	l.mu.Lock()
	var hosts []*host
	for h := range l.rosters {
		if qs.n.lookup(h.owner.Room) != h {
			delete(l.rosters, h)
			continue
		}
		if i := h.room.Info(); i.Joinable && i.Reserved == 0 && i.Players < h.seats { // nobody is on the way
			hosts = append(hosts, h)
		}
	}
	l.mu.Unlock()
	slices.SortFunc(hosts, func(a, b *host) int { return a.created.Compare(b.created) })
	var list []*queue.Backfill
	for _, h := range hosts {
		if b := qs.lacks(ctx, l, h, now); b != nil {
			list = append(list, b)
		}
	}
	return list
}

// lacks is what a room lacks; nil if nothing, if nobody is in it, or if it takes nobody in.
func (qs *queues) lacks(ctx context.Context, l *waitline, h *host, now time.Time) *queue.Backfill {
	ctx, cancel := context.WithTimeout(ctx, fillTimeout)
	defer cancel()
	there, err := h.room.Players(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rosters[h]
	if err != nil || r == nil || r.size == 0 {
		return nil
	}
	b := &queue.Backfill{Room: h.owner.Room, Region: h.region, Teams: make([]queue.Opening, l.queue.Teams), There: &sim.Ticket{ID: h.owner.Room}}
	left := make([]map[string]int, l.queue.Teams) // roles nobody has
	for t := range b.Teams {
		b.Teams[t].Seats = r.size
		left[t] = make(map[string]int)
		for _, role := range l.queue.Roles {
			left[t][role.Name] = role.Count
		}
	}
	for _, p := range there {
		e, ours := r.players[p.ID]
		if p.Bot || !ours || p.MatchTeam < 1 || p.MatchTeam > len(b.Teams) {
			continue
		}
		b.There.Members = append(b.There.Members, e)
		b.Teams[p.MatchTeam-1].Seats--
		left[p.MatchTeam-1][p.Role]--
	}
	lacking := 0
	for t := range b.Teams {
		lacking += max(0, b.Teams[t].Seats)
		for _, role := range l.queue.Roles {
			for range left[t][role.Name] {
				b.Teams[t].Roles = append(b.Teams[t].Roles, role.Name)
			}
		}
	}
	if lacking == 0 || len(b.There.Members) == 0 {
		r.asked = time.Time{}
		return nil
	}
	if r.asked.IsZero() {
		r.asked = now
	}
	b.Since = seconds(r.asked)
	return b
}
