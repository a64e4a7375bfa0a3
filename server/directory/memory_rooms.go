package directory

import (
	"context"
	"fmt"
	"time"
)

// record is a room of a Memory, for a while also one that has been released: a late renewal
// must not bring it back.
type record struct {
	listing   Listing
	published bool
	released  bool
	expires   time.Time
	holds     map[string]hold // by nonce
}

type hold struct {
	seats   int
	expires time.Time
}

func (r *record) alive(now time.Time) bool { return !r.released && now.Before(r.expires) }

// shown is the listing as others see it: held seats are reserved.
func (r *record) shown(now time.Time) Listing {
	l := r.listing
	for nonce, h := range r.holds {
		if now.Before(h.expires) {
			l.Reserved += h.seats
		} else {
			delete(r.holds, nonce)
		}
	}
	return l
}

// Acquire implements [Rooms].
func (d *Memory) Acquire(ctx context.Context, room, node string, floor uint64) (Owner, error) {
	if err := available(ctx); err != nil {
		return Owner{}, err
	}
	if floor >= maxEpoch {
		return Owner{}, fmt.Errorf("acquire: %w: floor %d", ErrInvalid, floor)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.purgeRoomsLocked(now)
	r := d.rooms[room]
	taken := r != nil && r.listing.Node != node && r.alive(now)
	unknown := r == nil && floor > 0 && now.Sub(d.born) < d.lease
	if taken || unknown {
		return Owner{}, fmt.Errorf("acquire: %w", ErrFenced)
	}
	if r != nil {
		d.forgetLocked(r)
	}
	o := Owner{Room: room, Node: node, Epoch: d.epochLocked(now, floor)}
	d.rooms[room] = &record{listing: Listing{Owner: o}, expires: now.Add(d.lease)}
	return o, nil
}

// Renew implements [Rooms].
func (d *Memory) Renew(ctx context.Context, rooms ...Listing) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	failed := make(RoomErrors)
	for i := range rooms {
		if err := d.renewLocked(&rooms[i], now); err != nil {
			failed[rooms[i].Room] = err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("renew: %w", failed)
	}
	return nil
}

func (d *Memory) renewLocked(l *Listing, now time.Time) error {
	if err := l.validate(); err != nil {
		return err
	}
	r := d.rooms[l.Room]
	if r != nil && !r.admits(l.Owner) {
		return ErrFenced
	}
	if other := d.codes[l.Code]; l.Code != "" && other != l.Room && d.rooms[other] != nil && d.rooms[other].alive(now) {
		return ErrCodeTaken
	}
	if r == nil || r.listing.Owner != l.Owner || !r.alive(now) {
		if r != nil {
			d.forgetLocked(r)
		}
		r = &record{}
		d.rooms[l.Room] = r
		d.last = max(d.last, l.Epoch)
	}
	r.expires = now.Add(d.lease)
	if r.published && l.Look < r.listing.Look {
		d.showLocked(r, now)
		return nil
	}
	if r.listing.Code != l.Code {
		d.forgetCodeLocked(r)
	}
	if l.Code != "" {
		d.codes[l.Code] = l.Room
	}
	r.listing, r.published = *l, true
	d.showLocked(r, now)
	return nil
}

// admits tells whether o may write: it holds the record, or is a successor that the
// directory has forgotten.
func (r *record) admits(o Owner) bool {
	return o.Epoch > r.listing.Epoch || o == r.listing.Owner && !r.released
}

// Release implements [Rooms].
func (d *Memory) Release(ctx context.Context, o Owner) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rooms[o.Room]
	if r == nil {
		return nil
	}
	if r.listing.Epoch > o.Epoch || r.listing.Epoch == o.Epoch && r.listing.Owner != o {
		return fmt.Errorf("release: %w", ErrFenced)
	}
	d.forgetLocked(r)
	d.rooms[o.Room] = &record{listing: Listing{Owner: o}, released: true, expires: time.Now()}
	return nil
}

// Lookup implements [Rooms].
func (d *Memory) Lookup(ctx context.Context, room string) (Listing, error) {
	if err := available(ctx); err != nil {
		return Listing{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	r := d.rooms[room]
	if r == nil || !r.alive(now) {
		return Listing{}, fmt.Errorf("lookup: %w", ErrUnknownRoom)
	}
	return r.shown(now), nil
}

// ByCode implements [Rooms].
func (d *Memory) ByCode(ctx context.Context, code string) (Listing, error) {
	d.mu.Lock()
	room, known := d.codes[code]
	d.mu.Unlock()
	l, err := d.Lookup(ctx, room)
	if err == nil && (!known || l.Code != code) {
		return Listing{}, fmt.Errorf("lookup: %w", ErrUnknownRoom)
	}
	return l, err
}

// Find implements [Rooms].
func (d *Memory) Find(ctx context.Context, q Query) ([]Listing, error) {
	if err := available(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.endHoldsLocked(now)
	return d.public.find(&q, now), nil
}

// showLocked tells those who search what has changed of a published room.
func (d *Memory) showLocked(r *record, now time.Time) {
	l := r.shown(now)
	d.public.put(&l, r.expires)
}

// forgetLocked takes a room off the table.
func (d *Memory) forgetLocked(r *record) {
	d.forgetCodeLocked(r)
	delete(d.rooms, r.listing.Room)
	delete(d.holders, r.listing.Room)
	d.public.remove(r.listing.Room)
}

func (d *Memory) forgetCodeLocked(r *record) {
	if d.codes[r.listing.Code] == r.listing.Room {
		delete(d.codes, r.listing.Code)
	}
}

// purgeRoomsLocked forgets the rooms that have been gone for long, once in a lease.
func (d *Memory) purgeRoomsLocked(now time.Time) {
	if now.Sub(d.purged) < d.lease {
		return
	}
	d.purged = now
	for _, r := range d.rooms {
		if now.Sub(r.expires) >= grave {
			d.forgetLocked(r)
		}
	}
}
