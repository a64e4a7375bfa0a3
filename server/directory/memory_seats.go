package directory

import (
	"context"
	"fmt"
	"time"
)

// Hold implements [Seats].
func (d *Memory) Hold(ctx context.Context, h Hold) (Owner, error) {
	if err := available(ctx); err != nil {
		return Owner{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	r := d.rooms[h.Room]
	if r == nil || !r.published || !r.alive(now) {
		return Owner{}, fmt.Errorf("hold: %w", ErrUnknownRoom)
	}
	l := r.shown(now)
	if _, again := r.holds[h.Nonce]; again {
		return l.Owner, nil
	}
	if h.Seats < 1 || l.Free() < h.Seats {
		return Owner{}, fmt.Errorf("hold: %w", ErrFull)
	}
	if r.holds == nil {
		r.holds = make(map[string]hold)
	}
	r.holds[h.Nonce] = hold{seats: h.Seats, expires: now.Add(h.For)}
	if end := now.Add(h.For); len(d.holders) == 0 || end.Before(d.due) {
		d.due = end
	}
	d.holders[h.Room] = r
	d.showLocked(r, now)
	return l.Owner, nil
}

// Confirm implements [Seats].
func (d *Memory) Confirm(ctx context.Context, nonce string, l Listing) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if err := d.renewLocked(&l, now); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	d.dropLocked(l.Room, nonce, now)
	return nil
}

// Drop implements [Seats].
func (d *Memory) Drop(ctx context.Context, room, nonce string) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropLocked(room, nonce, time.Now())
	return nil
}

func (d *Memory) dropLocked(room, nonce string, now time.Time) {
	r := d.rooms[room]
	if r == nil || len(r.holds) == 0 {
		return
	}
	delete(r.holds, nonce)
	if len(r.holds) == 0 {
		delete(d.holders, room)
	}
	d.showLocked(r, now)
}

// endHoldsLocked shows the seats of holds that have run out as free.
func (d *Memory) endHoldsLocked(now time.Time) {
	if len(d.holders) == 0 || now.Before(d.due) {
		return
	}
	d.due = now.Add(d.lease)
	for room, r := range d.holders {
		d.showLocked(r, now) // without those
		if len(r.holds) == 0 {
			delete(d.holders, room)
		}
		for _, h := range r.holds {
			if h.expires.Before(d.due) {
				d.due = h.expires
			}
		}
	}
}
