package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/queue"
	"github.com/roomtick/roomtick/sim"
)

const (
	// fillTimeout is how long a room may take to say who is in it; one that does not is
	// asked again in the next round.
	fillTimeout = 100 * time.Millisecond

	// openingLife is how long the directory knows what a room lacks. Its node says it
	// anew in half of that, so that the rooms of a dead node are soon given nobody.
	openingLife = 5 * time.Second

	// restingFills is how many beats are between two looks at the rooms of a queue in
	// which nobody waits.
	restingFills = 5
)

// roster is who was matched into a room of this node that takes others in when they leave.
type roster struct {
	size    int // players of a team
	players map[string]sim.Entrant
	came    int       // how often somebody did
	asked   time.Time // since when it lacks somebody; zero if it does not

	// Owned by the goroutine that serves the queues: what the directory was told.
	told    []byte
	version uint64    // of that; 0 is nothing
	expires time.Time // when it forgets
}

// opening is a running room of some node that lost players.
type opening struct {
	Node string          `json:"node"`
	Fill *queue.Backfill `json:"fill"` // nil: it lacks nobody any more

	version uint64
	expires time.Time
}

// openingsName is the queue under which the directory keeps what rooms lack.
func (l *waitline) openingsName() string { return "fill/" + l.name }

// enroll notes who is in a room, if it is one that takes others in.
func (l *waitline) enroll(h *host, players []matchPlayer) {
	if !l.queue.Backfill {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rosters[h]
	if r == nil {
		r = &roster{players: make(map[string]sim.Entrant)}
		for i := range players {
			if players[i].Team == 1 {
				r.size++
			}
		}
		l.rosters[h] = r
	}
	r.asked = time.Time{}
	r.came++
	for i := range players {
		r.players[players[i].Entrant.Player] = players[i].Entrant
	}
}

// gapsOf checks that some players still fill what a room lacks: another match may have been
// made of what was said of it a moment ago.
func (l *waitline) gapsOf(h *host, players []matchPlayer) func(others []sim.PlayerInfo) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := 0
	if r := l.rosters[h]; r != nil {
		size = r.size
	}
	return func(others []sim.PlayerInfo) error {
		type part struct {
			team int
			role string
		}
		teams, parts := make(map[int]int), make(map[part]int)
		for _, p := range others {
			teams[p.MatchTeam]++
			parts[part{p.MatchTeam, p.Role}]++
		}
		for i := range players {
			p := &players[i]
			teams[p.Team]++
			parts[part{p.Team, p.Role}]++
			role := slices.IndexFunc(l.queue.Roles, func(r sim.Role) bool { return r.Name == p.Role })
			if teams[p.Team] > size || role >= 0 && parts[part{p.Team, p.Role}] > l.queue.Roles[role].Count {
				return room.ErrFull
			}
		}
		return nil
	}
}

// tellOpenings says to all nodes what the rooms of this one lack: the one that matches is
// perhaps another.
func (qs *queues) tellOpenings(ctx context.Context, l *waitline, now time.Time) {
	if !l.queue.Backfill || l.length() == 0 && qs.beat%restingFills != 0 {
		return
	}
	for h, came := range l.enrolled(qs.n) { // read before the room is asked who is in it
		o := opening{Node: qs.n.id}
		if i := h.room.Info(); i.Joinable && i.Reserved == 0 && i.Players < h.seats { // nobody is on the way
			o.Fill = qs.lacks(ctx, l, h, came, now)
		}
		qs.tellOpening(ctx, l, h, &o, now)
	}
}

// enrolled is the rooms of this node that take others in, and how often they have.
func (l *waitline) enrolled(n *node) map[*host]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	hosts := make(map[*host]int)
	for h, r := range l.rosters {
		if n.lookup(h.owner.Room) != h {
			delete(l.rosters, h) // what was told of it expires
			continue
		}
		hosts[h] = r.came
	}
	return hosts
}

// tellOpening tells the directory what a room lacks, unless it knows.
func (qs *queues) tellOpening(ctx context.Context, l *waitline, h *host, o *opening, now time.Time) {
	l.mu.Lock()
	r := l.rosters[h]
	l.mu.Unlock()
	body, err := json.Marshal(o)
	if err != nil || r == nil {
		return // an entrant that came as JSON goes as JSON
	}
	known := now.Before(r.expires)
	if o.Fill == nil && !known || known && bytes.Equal(body, r.told) && (o.Fill == nil || r.expires.Sub(now) > openingLife/2) {
		return
	}
	t := directory.Ticket{ID: "fill/" + h.owner.Room, Queue: l.openingsName(), Version: r.version, For: openingLife, Body: body}
	if !known {
		t.Version = 0
	}
	version, err := qs.n.dir.Put(ctx, t)
	if err != nil {
		r.expires = time.Time{} // whether it was written or not, it is written anew once it has expired
		qs.n.log.Debug("opening not told", "queue", l.name, "cause", err)
		return
	}
	r.told, r.version, r.expires = body, version, now.Add(openingLife)
}

// readOpenings brings up to date what the rooms of all nodes lack, and returns that, those
// that asked first before others. A room that was given somebody is passed over until its
// node has looked at it again.
func (qs *queues) readOpenings(ctx context.Context, l *waitline, now time.Time) []*queue.Backfill {
	if !l.queue.Backfill {
		return nil
	}
	c, err := qs.n.dir.Tickets(ctx, l.openingsName(), l.openingsRead)
	if err != nil {
		return nil
	}
	l.openingsRead = c.Next
	if c.All {
		clear(l.openings)
	}
	for i := range c.Tickets {
		t := &c.Tickets[i]
		o := &opening{version: t.Version, expires: now.Add(t.For)}
		if json.Unmarshal(t.Body, o) != nil || o.Fill == nil {
			delete(l.openings, t.ID)
			continue
		}
		l.openings[t.ID] = o
	}
	var list []*queue.Backfill
	for id, o := range l.openings {
		switch {
		case !now.Before(o.expires):
			delete(l.openings, id)
		case len(o.Fill.Teams) == l.queue.Teams:
			list = append(list, o.Fill)
		}
	}
	slices.SortFunc(list, func(a, b *queue.Backfill) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Room, b.Room))
	})
	return list
}

// takeOpening returns what is known of a room that is to be filled, for the last time.
func (l *waitline) takeOpening(room string) *opening {
	id := "fill/" + room
	o := l.openings[id]
	delete(l.openings, id)
	return o
}

// forget drops those who have left; nobody is on the way.
func (r *roster) forget(there []room.Seated) {
	maps.DeleteFunc(r.players, func(player string, _ sim.Entrant) bool {
		return !slices.ContainsFunc(there, func(p room.Seated) bool { return p.ID == player })
	})
}

// lacks is what a room lacks for which no seat is held; nil if nothing, if nobody is in it,
// or if it takes nobody in.
func (qs *queues) lacks(ctx context.Context, l *waitline, h *host, came int, now time.Time) *queue.Backfill {
	ctx, cancel := context.WithTimeout(ctx, fillTimeout)
	defer cancel()
	there, err := h.room.Players(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rosters[h]
	if err != nil || r == nil || r.size == 0 {
		return nil
	}
	if r.came == came {
		r.forget(there)
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
