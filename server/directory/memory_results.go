package directory

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sort"
	"time"
)

// rememberDelivered is how long the id of a delivered result stays known: an append that
// is repeated later than that would be delivered twice.
const rememberDelivered = time.Hour

// results is those of a Memory that are not delivered, in their order.
type results struct {
	list  []Result
	known map[string]time.Time // when those appended before were delivered; zero if not yet
	seq   uint64
}

// Append implements [Results].
func (d *Memory) Append(ctx context.Context, r Result) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if rec := d.rooms[r.Owner.Room]; rec != nil && !rec.ended(r.Owner) {
		return fmt.Errorf("append: %w", ErrFenced)
	}
	if _, again := d.results.known[r.ID]; again {
		return nil
	}
	d.results.seq++
	r.Seq, r.Since, r.Size = d.results.seq, time.Now(), len(r.Body)
	r.Body = bytes.Clone(r.Body)
	d.results.list = append(d.results.list, r)
	d.results.known[r.ID] = time.Time{}
	return nil
}

// ended tells whether o is the room's last owner, perhaps one that has released it.
func (r *record) ended(o Owner) bool {
	return o.Epoch > r.listing.Epoch || o == r.listing.Owner
}

// Undelivered implements [Results].
func (d *Memory) Undelivered(ctx context.Context, after uint64, limit int) ([]Result, error) {
	if err := available(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.results.list
	first := sort.Search(len(list), func(i int) bool { return list[i].Seq > after })
	out := slices.Clone(list[first:min(len(list), first+limit)])
	for i := range out {
		out[i].Body = nil
	}
	return out, nil
}

// Result implements [Results].
func (d *Memory) Result(ctx context.Context, id string) (Result, error) {
	if err := available(ctx); err != nil {
		return Result{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.results.list, func(r Result) bool { return r.ID == id })
	if i < 0 {
		return Result{}, fmt.Errorf("result: %w", ErrUnknownResult)
	}
	r := d.results.list[i]
	r.Body = bytes.Clone(r.Body)
	return r, nil
}

// Waiting implements [Results].
func (d *Memory) Waiting(ctx context.Context) (n int, oldest time.Time, err error) {
	if err := available(ctx); err != nil {
		return 0, time.Time{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if n = len(d.results.list); n > 0 {
		oldest = d.results.list[0].Since
	}
	return n, oldest, nil
}

// Delivered implements [Results].
func (d *Memory) Delivered(ctx context.Context, ids ...string) error {
	if err := available(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, id := range ids {
		if at, known := d.results.known[id]; known && at.IsZero() {
			d.results.known[id] = now
		}
	}
	d.results.purge(now)
	return nil
}

// purge forgets what has been delivered, and its ids once that was long ago.
func (rs *results) purge(now time.Time) {
	kept := rs.list[:0]
	for _, r := range rs.list {
		if rs.known[r.ID].IsZero() {
			kept = append(kept, r)
		}
	}
	clear(rs.list[len(kept):])
	rs.list = kept
	for id, at := range rs.known {
		if !at.IsZero() && now.Sub(at) >= rememberDelivered {
			delete(rs.known, id)
		}
	}
}
