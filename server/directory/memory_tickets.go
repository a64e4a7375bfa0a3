package directory

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"time"
)

// tickets is the queues of a Memory.
type tickets struct {
	byID    map[string]*waiting
	queues  map[string]*queue
	version uint64    // of the last write
	purged  time.Time // when they were last looked through for expired ones
}

type waiting struct {
	ticket  Ticket
	expires time.Time
}

// queue is the writes to one queue in order, at least the newest of each ticket.
type queue struct {
	log     []*waiting
	written []uint64 // the version that each had then
}

// Put implements [Tickets].
func (d *Memory) Put(ctx context.Context, t Ticket) (uint64, error) {
	if err := available(ctx); err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.tickets.purge(now)
	if !d.tickets.fits(&t, now) {
		return 0, fmt.Errorf("put: %w", ErrConflict)
	}
	return d.tickets.put(t, now), nil
}

// Ticket implements [Tickets].
func (d *Memory) Ticket(ctx context.Context, id string) (Ticket, error) {
	if err := available(ctx); err != nil {
		return Ticket{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	w := d.tickets.byID[id]
	if w == nil || !now.Before(w.expires) {
		return Ticket{}, fmt.Errorf("ticket: %w", ErrUnknownTicket)
	}
	return w.read(now), nil
}

// Tickets implements [Tickets].
func (d *Memory) Tickets(ctx context.Context, queue string, since Cursor) (Changes, error) {
	if err := available(ctx); err != nil {
		return Changes{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	c := Changes{Next: Cursor{Life: "memory", Version: d.tickets.version}}
	c.All = since.Life != c.Next.Life
	q := d.tickets.queues[queue]
	if q == nil {
		return c, nil
	}
	first := 0
	if !c.All {
		first = sort.Search(len(q.written), func(i int) bool { return q.written[i] > since.Version })
	}
	for i := first; i < len(q.log); i++ {
		w := q.log[i]
		if w.ticket.Version == q.written[i] && now.Before(w.expires) {
			c.Tickets = append(c.Tickets, w.read(now))
		}
	}
	return c, nil
}

// Assign implements [Tickets].
func (d *Memory) Assign(ctx context.Context, l Lease, ts []Ticket) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if h := d.leases[l.Name]; h.lease != l || !now.Before(h.expires) {
		return fmt.Errorf("assign: %w", ErrFenced)
	}
	for i := range ts {
		if !d.tickets.fits(&ts[i], now) {
			return fmt.Errorf("assign: %w", ErrConflict)
		}
	}
	for _, t := range ts {
		d.tickets.put(t, now)
	}
	return nil
}

// fits tells whether t may be written: it follows the version that is there.
func (ts *tickets) fits(t *Ticket, now time.Time) bool {
	w := ts.byID[t.ID]
	if w == nil || !now.Before(w.expires) {
		return t.Version == 0
	}
	return w.ticket.Version == t.Version && w.ticket.Queue == t.Queue
}

func (ts *tickets) put(t Ticket, now time.Time) uint64 {
	ts.version++
	t.Version = ts.version
	t.Body = bytes.Clone(t.Body)
	w := ts.byID[t.ID]
	if w == nil || w.ticket.Queue != t.Queue {
		w = &waiting{}
		ts.byID[t.ID] = w
	}
	w.ticket, w.expires = t, now.Add(t.For)
	q := ts.queues[t.Queue]
	if q == nil {
		q = &queue{}
		ts.queues[t.Queue] = q
	}
	q.log, q.written = append(q.log, w), append(q.written, t.Version)
	return t.Version
}

// read is the ticket with the time it has left.
func (w *waiting) read(now time.Time) Ticket {
	t := w.ticket
	t.For = w.expires.Sub(now)
	t.Body = bytes.Clone(t.Body)
	return t
}

// purge forgets expired tickets and old writes, once a second.
func (ts *tickets) purge(now time.Time) {
	if now.Sub(ts.purged) < time.Second {
		return
	}
	ts.purged = now
	for name, q := range ts.queues {
		if q.purge(now); len(q.log) == 0 {
			delete(ts.queues, name)
		}
	}
	for id, w := range ts.byID {
		if !now.Before(w.expires) {
			delete(ts.byID, id)
		}
	}
}

// purge keeps the newest write of each ticket that has not expired.
func (q *queue) purge(now time.Time) {
	kept := 0
	for i, w := range q.log {
		if w.ticket.Version != q.written[i] || !now.Before(w.expires) {
			continue
		}
		q.log[kept], q.written[kept] = w, q.written[i]
		kept++
	}
	clear(q.log[kept:])
	q.log, q.written = q.log[:kept], q.written[:kept]
}
