package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// memoryDirectory is the Directory of a single node. Its leases matter to the
// conformance suite only: the one node renews in time or is gone with the directory.
type memoryDirectory struct {
	lease time.Duration

	mu    sync.Mutex // guards the following
	rooms map[string]*record
	order []*record // the same, by room
	last  uint64    // highest epoch given out, of any room, so that released rooms need no record
}

type record struct {
	listing   Listing
	published bool
	expires   time.Time
}

func newMemoryDirectory(lease time.Duration) *memoryDirectory {
	return &memoryDirectory{lease: lease, rooms: make(map[string]*record)}
}

func (d *memoryDirectory) Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error) {
	if err := available(ctx); err != nil {
		return Owner{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if r := d.rooms[room]; r != nil && r.listing.Node != node && now.Before(r.expires) {
		return Owner{}, fmt.Errorf("acquire: %w", ErrFenced)
	}
	d.last = max(d.last+1, floor+1, uint64(now.UnixMicro()))
	o := Owner{Room: room, Node: node, Epoch: d.last}
	r := &record{listing: Listing{Owner: o}, expires: now.Add(d.lease)}
	d.rooms[room] = r
	if i, found := d.search(room); found {
		d.order[i] = r
	} else {
		d.order = slices.Insert(d.order, i, r)
	}
	return o, nil
}

func (d *memoryDirectory) Renew(ctx context.Context, l Listing) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r, err := d.ownedLocked(l.Owner)
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	r.listing, r.published, r.expires = l, true, time.Now().Add(d.lease)
	return nil
}

func (d *memoryDirectory) Release(ctx context.Context, o Owner) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.ownedLocked(o); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	delete(d.rooms, o.Room)
	if i, found := d.search(o.Room); found {
		d.order = slices.Delete(d.order, i, i+1)
	}
	return nil
}

// ownedLocked returns o's record. One that nobody has taken over is still o's after
// its lease ran out.
func (d *memoryDirectory) ownedLocked(o Owner) (*record, error) {
	r := d.rooms[o.Room]
	if r == nil || r.listing.Owner != o {
		return nil, ErrFenced
	}
	return r, nil
}

func (d *memoryDirectory) Lookup(ctx context.Context, room string) (Listing, error) {
	if err := available(ctx); err != nil {
		return Listing{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rooms[room]
	if r == nil || !time.Now().Before(r.expires) {
		return Listing{}, fmt.Errorf("lookup: %w", ErrUnknownRoom)
	}
	return r.listing, nil
}

func (d *memoryDirectory) Find(ctx context.Context, q Query) ([]Listing, error) {
	if err := available(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	var found []Listing
	first, at := d.search(q.After)
	if at {
		first++
	}
	for _, r := range d.order[first:] {
		if q.Limit > 0 && len(found) == q.Limit {
			break
		}
		if r.published && now.Before(r.expires) && (q.Game == "" || q.Game == r.listing.Game) {
			found = append(found, r.listing)
		}
	}
	return found, nil
}

// search returns where a room is in the order, or would be.
func (d *memoryDirectory) search(room string) (int, bool) {
	return slices.BinarySearchFunc(d.order, room, func(r *record, room string) int { return cmp.Compare(r.listing.Room, room) })
}

// available turns an ended context into the answer every Directory gives to one.
func available(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
	return nil
}
