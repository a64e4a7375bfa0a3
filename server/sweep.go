package server

import (
	"context"
	"errors"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// sweepParts is in how many parts the rooms are swept. All of ten thousand at once would
// keep a core from ticks for as long as a tick is.
const sweepParts = 10

// sweep renews the leases of rooms and ends those nobody has played in for emptyLife. A
// directory that is away renews nothing: the rooms go on, and are on its list again when
// it is back.
func (n *node) sweep(ctx context.Context, rooms []*host, now time.Time) {
	if len(rooms) == 0 {
		return
	}
	listings := make([]directory.Listing, len(rooms))
	for i, h := range rooms {
		listings[i] = h.listing()
	}
	var wrong directory.RoomErrors // of an unavailable directory there are none
	_ = errors.As(n.dir.Renew(ctx, listings...), &wrong)
	for i, h := range rooms {
		n.sweepRoom(h, &listings[i], wrong[h.owner.Room], now)
	}
}

// sweepRoom decides whether a room goes on.
func (n *node) sweepRoom(h *host, l *directory.Listing, wrong error, now time.Time) {
	switch {
	case errors.Is(wrong, directory.ErrFenced):
		h.end(errFenced)
	case h.keep || l.Players > 0 || l.Reserved > 0:
		h.emptySince = time.Time{}
	case h.emptySince.IsZero():
		h.emptySince = now
	case now.Sub(h.emptySince) >= emptyLife && n.retire(h):
		h.end(errEmpty)
	}
}

// retire takes an empty room off the table, unless somebody is about to join it.
func (n *node) retire(h *host) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h.joining > 0 || h.taken > 0 { // perhaps since it was found empty
		return false
	}
	n.removeLocked(h)
	return true
}

// sweepLoop sweeps every room once in renewEvery until ctx ends.
func (n *node) sweepLoop(ctx context.Context) {
	t := time.NewTicker(renewEvery / sweepParts)
	defer t.Stop()
	var rooms []*host
	for part := 0; ; part = (part + 1) % sweepParts {
		if part == 0 {
			rooms = n.appendAll(rooms[:0])
		}
		select {
		case <-t.C:
			n.sweep(ctx, rooms[len(rooms)*part/sweepParts:len(rooms)*(part+1)/sweepParts], time.Now())
		case <-ctx.Done():
			return
		}
	}
}
