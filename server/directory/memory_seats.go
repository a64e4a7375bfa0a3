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
	return l.Owner, nil
}

// Confirm implements [Seats].
func (d *Memory) Confirm(ctx context.Context, nonce string, l Listing) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.renewLocked(&l, time.Now()); err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	delete(d.rooms[l.Room].holds, nonce)
	return nil
}

// Drop implements [Seats].
func (d *Memory) Drop(ctx context.Context, room, nonce string) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.rooms[room]; r != nil {
		delete(r.holds, nonce)
	}
	return nil
}
