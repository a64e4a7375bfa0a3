package server

import (
	"context"
	"errors"
	"time"
)

// sweep renews every lease and ends rooms nobody has played in for emptyLife.
func (n *node) sweep(ctx context.Context, now time.Time) {
	for _, h := range n.all() {
		l := h.listing()
		if err := n.dir.Renew(ctx, l); errors.Is(err, ErrFenced) {
			h.end(errFenced)
			continue
		}
		switch {
		case h.keep || l.Players > 0 || l.Reserved > 0:
			h.emptySince = time.Time{}
		case h.emptySince.IsZero():
			h.emptySince = now
		case now.Sub(h.emptySince) >= emptyLife && n.retire(h):
			h.end(errEmpty)
		}
	}
}

// retire takes an empty room off the table, unless somebody is about to join it.
func (n *node) retire(h *host) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h.joining > 0 {
		return false
	}
	delete(n.hosted, h.owner.Room)
	return true
}

// sweepLoop sweeps until ctx ends.
func (n *node) sweepLoop(ctx context.Context) {
	t := time.NewTicker(renewEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			n.sweep(ctx, time.Now())
		case <-ctx.Done():
			return
		}
	}
}
