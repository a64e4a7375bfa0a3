package server

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/roomtick/roomtick/server/directory"
)

// retellAtOnce is how many tickets are on their way to a directory that has lost its data.
const retellAtOnce = 64

// retell writes the tickets that a directory has lost with its data anew, as they were read
// last. All nodes do, and the first of them is as good as any; who waits for a change is not
// told before. The next refresh reads what came of it.
func (l *waitline) retell(ctx context.Context, dir directory.Directory, c *directory.Changes, now time.Time) error {
	var telling errgroup.Group
	telling.SetLimit(retellAtOnce)
	for _, t := range l.lost(c, now) {
		telling.Go(func() error {
			_, err := dir.Put(ctx, t)
			if errors.Is(err, directory.ErrConflict) {
				return nil // another node was faster
			}
			return err
		})
	}
	if err := telling.Wait(); err != nil {
		return err
	}
	l.cursor = directory.Cursor{}
	l.leased = time.Time{} // the lease is lost, too
	return nil
}

// lost is the tickets known here that a directory without its data does not have.
func (l *waitline) lost(c *directory.Changes, now time.Time) (list []directory.Ticket) {
	there := make(map[string]bool, len(c.Tickets))
	for i := range c.Tickets {
		there[c.Tickets[i].ID] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, m := range l.tickets {
		if there[id] || !now.Before(m.expires) {
			continue
		}
		list = append(list, m.anew(now))
	}
	return list
}

// anew is a ticket to be written where there is none.
func (m *mirrored) anew(now time.Time) directory.Ticket {
	t := m.ticket
	t.Version, t.For = 0, m.expires.Sub(now)
	return t
}

// remembered is a ticket that the directory does not know, as it was read last: it has lost
// its data since, and is about to be told. A change writes it anew.
func (qs *queues) remembered(id string, now time.Time) (t directory.Ticket, ok bool) {
	for _, l := range qs.ordered {
		l.mu.Lock()
		m := l.tickets[id]
		l.mu.Unlock()
		if m != nil && now.Before(m.expires) {
			return m.anew(now), true
		}
	}
	return directory.Ticket{}, false
}
