package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// announced is a node of a Memory.
type announced struct {
	node    Node
	expires time.Time
}

// held is a lease of a Memory.
type held struct {
	lease   Lease
	expires time.Time
}

// Announce implements [Nodes].
func (d *Memory) Announce(ctx context.Context, n Node) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nodes[n.ID] = announced{n, time.Now().Add(d.lease)}
	return nil
}

// Withdraw implements [Nodes].
func (d *Memory) Withdraw(ctx context.Context, id string) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.nodes, id)
	return nil
}

// Nodes implements [Nodes].
func (d *Memory) Nodes(ctx context.Context) ([]Node, error) {
	if err := available(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	var list []Node
	for id, a := range d.nodes {
		if now.Before(a.expires) {
			list = append(list, a.node)
		} else {
			delete(d.nodes, id)
		}
	}
	slices.SortFunc(list, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// Lease implements [Tickets].
func (d *Memory) Lease(ctx context.Context, name, node string) (Lease, error) {
	if err := available(ctx); err != nil {
		return Lease{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	h := d.leases[name]
	running := now.Before(h.expires)
	switch {
	case running && h.lease.Node != node:
		return Lease{}, fmt.Errorf("lease: %w", ErrFenced)
	case !running:
		h.lease = Lease{Name: name, Node: node, Epoch: d.epochLocked(now, 0)}
	}
	h.expires = now.Add(d.lease)
	d.leases[name] = h
	return h.lease, nil
}
