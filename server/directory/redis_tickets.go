package directory

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Put implements [Tickets].
func (d *Redis) Put(ctx context.Context, t Ticket) (uint64, error) {
	r, err := d.call(ctx, "put", appendTicket([]any{"", "", ""}, &t)...)
	if err != nil {
		return 0, err
	}
	return r.number(0), nil
}

// Assign implements [Tickets].
func (d *Redis) Assign(ctx context.Context, l Lease, ts []Ticket) error {
	if err := available(ctx); err != nil {
		return err
	}
	if l.Name == "" { // which to the script is to need none
		return fmt.Errorf("assign: %w", ErrFenced)
	}
	args := []any{l.Name, l.Node, decimal(l.Epoch)}
	for i := range ts {
		args = appendTicket(args, &ts[i])
	}
	if _, err := d.call(ctx, "put", args...); err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	return nil
}

func appendTicket(args []any, t *Ticket) []any {
	return append(args, t.ID, t.Queue, decimal(t.Version), micros(t.For), t.Body)
}

// Ticket implements [Tickets].
func (d *Redis) Ticket(ctx context.Context, id string) (Ticket, error) {
	r, err := d.call(ctx, "ticket", id)
	if errors.Is(err, ErrUnknownRoom) { // the script's UNKNOWN is of what it was asked for
		err = fmt.Errorf("ticket: %w", ErrUnknownTicket)
	}
	if err != nil {
		return Ticket{}, err
	}
	return Ticket{ID: id, Queue: r.text(0), Version: r.number(1), For: r.left(2), Body: []byte(r.text(3))}, nil
}

// Tickets implements [Tickets].
func (d *Redis) Tickets(ctx context.Context, queue string, since Cursor) (Changes, error) {
	c := Changes{Next: since}
	for {
		r, err := d.call(ctx, "queue", queue, c.Next.Life, decimal(c.Next.Version), d.page)
		if err != nil {
			return Changes{}, err
		}
		if r.text(2) == "1" { // perhaps lost since the page before
			c = Changes{All: true}
		}
		c.Next = Cursor{Life: r.text(0), Version: r.number(1)}
		list := r.list(4)
		for i := 0; i+3 < len(list); i += 4 {
			c.Tickets = append(c.Tickets, Ticket{
				ID: list.text(i), Queue: queue, Version: list.number(i + 1), For: list.left(i + 2), Body: []byte(list.text(i + 3)),
			})
		}
		if r.text(3) != "1" {
			return c, nil
		}
	}
}

// left is the i-th value as a time.
func (r reply) left(i int) time.Duration { return time.Duration(r.number(i)) * time.Microsecond }
