package directory

import (
	"context"
	"fmt"
)

// Hold implements [Seats].
func (d *Redis) Hold(ctx context.Context, h Hold) (Owner, error) {
	r, err := d.call(ctx, "hold", h.Room, h.Nonce, h.Seats, micros(h.For))
	if err != nil {
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
