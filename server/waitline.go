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
	busy    map[string]bool          // tickets that are being seated
	players map[string]string        // who waits, and with which ticket
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
	if m == nil {
		delete(l.tickets, id)
		return
	}
	l.tickets[id] = m
	if m.record.State == ticketWaiting {
		l.count++
	}
	if m.record.State == ticketWaiting || m.record.State == ticketFound {
		for i := range m.record.Ticket.Members {
			l.players[m.record.Ticket.Members[i].Player] = id
		}
	}
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

// waiting lists the tickets that wait, and are not on their way into a room.
func (l *waitline) waiting() []*mirrored {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*mirrored
	for id, m := range l.tickets {
		if m.record.State == ticketWaiting && !l.busy[id] {
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
	for id, m := range l.tickets {
		if m.record.State == ticketFound && !l.busy[id] {
			if matches == nil {
				matches = make(map[string][]*mirrored)
			}
			matches[m.record.Match.ID] = append(matches[m.record.Match.ID], m)
		}
	}
	return matches
}

// setBusy keeps tickets out of rounds while they are being seated.
func (l *waitline) setBusy(list []*mirrored, busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range list {
		if busy {
			l.busy[m.ticket.ID] = true
		} else {
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
