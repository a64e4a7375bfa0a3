package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// waitline is one queue of one game on this node: a copy of who waits in it, as the directory
// has it, and the matcher of it while this node is the one that matches.
type waitline struct {
	// Set once by newQueues.
	name  string // game/queue, as the directory knows it
	game  *sim.Definition
	queue *sim.Queue

	// Owned by the goroutine that serves the queues.
	cursor directory.Cursor
	lease  directory.Lease
	leased time.Time // until when the lease may be relied on

	openings     map[string]*opening // rooms that lack somebody, while this node matches
	openingsRead directory.Cursor

	mu      sync.Mutex // guards the following
	tickets map[string]*mirrored
	changed map[string]chan struct{} // who waits for a ticket to change
	busy    map[string]uint64        // tickets that are being seated, or were, as of these versions
	players map[string]string        // who waits, and with which ticket
	doubles map[string]bool          // tickets of which a member waits, or waited, with another
	count   int                      // tickets that wait
	recent  []waited                 // the last matches: a ring
	next    int                      // of recent
	stop    queueStop
	rosters map[*host]*roster // rooms of this node that take others in when they lose players
}

// mirrored is a ticket as it was read last.
type mirrored struct {
	ticket  directory.Ticket
	record  *ticketRecord // never changed
	expires time.Time     // in the directory
}

// waited is one player who was matched.
type waited struct{ skill, seconds float64 }

// keptWaits is how many matched tickets the estimate of the wait is made of.
const keptWaits = 256

// refresh reads what has changed, and tells who waits for it.
func (l *waitline) refresh(ctx context.Context, dir directory.Directory, now time.Time) error {
	c, err := dir.Tickets(ctx, l.name, l.cursor)
	if err != nil {
		return err
	}
	if l.cursor.Life != "" && l.cursor.Life != c.Next.Life {
		return l.retell(ctx, dir, &c, now)
	}
	l.cursor = c.Next
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.All {
		for id := range l.tickets {
			l.putLocked(id, nil)
		}
		for id := range l.changed {
			l.wakeLocked(id)
		}
	}
	for i := range c.Tickets {
		t := &c.Tickets[i]
		r, err := parseTicket(t)
		if err != nil {
			continue // of a newer build; it expires
		}
		if old := l.tickets[t.ID]; old != nil && old.record.State != ticketMatched && r.State == ticketMatched {
			l.noteWaitLocked(r, now)
		}
		l.putLocked(t.ID, &mirrored{ticket: *t, record: r, expires: now.Add(t.For)})
		l.wakeLocked(t.ID)
	}
	for id, m := range l.tickets {
		if !now.Before(m.expires) {
			l.putLocked(id, nil)
			l.wakeLocked(id)
		}
	}
	return nil
}

// putLocked replaces what is known of a ticket; nil forgets it.
func (l *waitline) putLocked(id string, m *mirrored) {
	if old := l.tickets[id]; old != nil {
		if old.record.State == ticketWaiting {
			l.count--
		}
		for i := range old.record.Ticket.Members {
			if player := old.record.Ticket.Members[i].Player; l.players[player] == id {
				delete(l.players, player)
			}
		}
	}
	if m == nil || m.ticket.Version != l.busy[id] {
		delete(l.busy, id)
	}
	if m == nil {
		delete(l.tickets, id)
		delete(l.doubles, id)
		return
	}
	l.tickets[id] = m
	if m.record.State == ticketWaiting {
		l.count++
	}
	if m.record.State == ticketWaiting || m.record.State == ticketFound {
		for i := range m.record.Ticket.Members {
			l.enterLocked(m.record.Ticket.Members[i].Player, id)
		}
	}
}

// enterLocked notes with which ticket a player waits. Of two, made at once on two nodes or
// over two conns, the older one counts: in a match with both the player would meet themself.
func (l *waitline) enterLocked(player, id string) {
	first := l.players[player]
	if first == "" || first == id {
		l.players[player] = id
		return
	}
	a, b := &l.tickets[first].record.Ticket, &l.tickets[id].record.Ticket
	if b.Since < a.Since || b.Since == a.Since && b.ID < a.ID {
		l.players[player] = id
		id = first
	}
	l.doubles[id] = true
}

// twice lists the tickets that wait though a member waits with another, older one.
func (l *waitline) twice() []*mirrored {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*mirrored
	for id := range l.doubles {
		m := l.tickets[id]
		if m.record.State != ticketWaiting || !l.idleLocked(m) {
			continue
		}
		other := false
		for i := range m.record.Ticket.Members {
			player := m.record.Ticket.Members[i].Player
			if l.players[player] == "" { // the other one is over
				l.players[player] = id
			}
			other = other || l.players[player] != id
		}
		if other {
			list = append(list, m)
		} else {
			delete(l.doubles, id)
		}
	}
	return list
}

// of lists the tickets with which some players wait, or are asked to accept.
func (l *waitline) of(players []string) []*mirrored {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*mirrored
	for _, player := range players {
		m := l.tickets[l.players[player]]
		if m != nil && l.idleLocked(m) && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// length is how many tickets wait.
func (l *waitline) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

func (l *waitline) wakeLocked(id string) {
	if c := l.changed[id]; c != nil {
		close(c)
		delete(l.changed, id)
	}
}

// change returns a channel that is closed when a ticket changes.
func (l *waitline) change(id string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.changed[id]
	if c == nil {
		c = make(chan struct{})
		l.changed[id] = c
	}
	return c
}

// idleLocked reports whether nothing is being done about a ticket, or was since it was read.
func (l *waitline) idleLocked(m *mirrored) bool { return l.busy[m.ticket.ID] != m.ticket.Version }

// waiting lists the tickets that wait, and are not on their way into a room.
func (l *waitline) waiting() []*mirrored {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*mirrored
	for _, m := range l.tickets {
		if m.record.State == ticketWaiting && l.idleLocked(m) {
			list = append(list, m)
		}
	}
	return list
}

// found groups the tickets that are asked to accept by their match.
func (l *waitline) found() map[string][]*mirrored {
	l.mu.Lock()
	defer l.mu.Unlock()
	var matches map[string][]*mirrored
	for _, m := range l.tickets {
		if m.record.State == ticketFound && l.idleLocked(m) {
			if matches == nil {
				matches = make(map[string][]*mirrored)
			}
			matches[m.record.Match.ID] = append(matches[m.record.Match.ID], m)
		}
	}
	return matches
}

// setBusy keeps tickets out of rounds while they are being seated, and afterwards until what
// became of them has been read.
func (l *waitline) setBusy(list []*mirrored) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range list {
		l.busy[m.ticket.ID] = m.ticket.Version
	}
}

// setIdle lets tickets that were not seated into rounds again.
func (l *waitline) setIdle(list []*mirrored) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range list {
		if l.busy[m.ticket.ID] == m.ticket.Version {
			delete(l.busy, m.ticket.ID)
		}
	}
}

// noteWaitLocked remembers how long a ticket has waited that is matched now, whichever node
// has matched it.
func (l *waitline) noteWaitLocked(r *ticketRecord, now time.Time) {
	w := waited{skill: r.Ticket.Skill().Mu, seconds: max(0, seconds(now)-r.Ticket.Since)}
	if len(l.recent) < keptWaits {
		l.recent = append(l.recent, w)
	} else {
		l.recent[l.next%keptWaits] = w
	}
	l.next++
}

// leastWaits is of how many matched tickets an estimate is made at least.
const leastWaits = 3

// estimate is how many more seconds a ticket may have to wait: the median of those who
// were matched lately and had about its skill, or of all of them if few had. It knows
// nothing before the first matches, and then says false.
func (l *waitline) estimate(t *sim.Ticket, now time.Time) (float64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	skill, wait := t.Skill().Mu, seconds(now)-t.Since
	var near, all []float64
	for _, w := range l.recent {
		all = append(all, w.seconds)
		if d := w.skill - skill; d < l.queue.Scale/2 && d > -l.queue.Scale/2 {
			near = append(near, w.seconds)
		}
	}
	if len(near) < leastWaits {
		near = all
	}
	if len(near) < leastWaits {
		return 0, false
	}
	slices.Sort(near)
	return max(0, near[len(near)/2]-wait), true
}
