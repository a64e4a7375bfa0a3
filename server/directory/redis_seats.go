package directory

import (
	"context"
	"errors"
	"fmt"
)

// Hold implements [Seats]. The seats are gone from this node's copy of the list before it
// asks, lest a crowd run to the same room.
func (d *Redis) Hold(ctx context.Context, h Hold) (Owner, error) {
	d.mirror.note(h.Room, h.Seats)
	r, err := d.call(ctx, "hold", h.Room, h.Nonce, h.Seats, micros(h.For))
	if err != nil {
		if !errors.Is(err, ErrFull) {
			d.mirror.note(h.Room, -h.Seats)
		}
		return Owner{}, err
	}
	return Owner{Room: h.Room, Node: r.text(0), Epoch: r.number(1)}, nil
}

// Confirm implements [Seats].
func (d *Redis) Confirm(ctx context.Context, nonce string, l Listing) error {
	args, err := d.renewal(&l, nonce)
	if err == nil {
		_, err = d.call(ctx, "renew", args...)
	}
	if err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	return nil
}

// Drop implements [Seats].
func (d *Redis) Drop(ctx context.Context, room, nonce string) error {
	_, err := d.call(ctx, "drop", room, nonce)
	return err
}
