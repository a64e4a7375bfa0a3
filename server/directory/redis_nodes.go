package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Announce implements [Nodes].
func (d *Redis) Announce(ctx context.Context, n Node) error {
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("announce: %w: %w", ErrInvalid, err)
	}
	_, err = d.call(ctx, "announce", n.ID, micros(d.lease), body)
	return err
}

// Withdraw implements [Nodes].
func (d *Redis) Withdraw(ctx context.Context, id string) error {
	_, err := d.call(ctx, "announce", id, "0", "")
	return err
}

// Nodes implements [Nodes].
func (d *Redis) Nodes(ctx context.Context) ([]Node, error) {
	r, err := d.call(ctx, "nodes")
	if err != nil {
		return nil, err
	}
	bodies := r.list(0)
	var list []Node
	for i := range bodies {
		var n Node
		if err := json.Unmarshal([]byte(bodies.text(i)), &n); err != nil {
			return nil, fmt.Errorf("nodes: %w: %w", ErrInvalid, err)
		}
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// Lease implements [Tickets].
func (d *Redis) Lease(ctx context.Context, name, node string) (Lease, error) {
	r, err := d.call(ctx, "lease", name, node, micros(d.lease))
	if err != nil {
		return Lease{}, err
	}
	return Lease{Name: name, Node: node, Epoch: r.number(0)}, nil
}
