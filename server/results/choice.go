package results

import (
	"context"
	"time"
)

const (
	// page is how many results are looked at together.
	page = 64

	// lookAgain is how long a courier with nothing to do waits for a call: another node's
	// results come without one, once that node is gone.
	lookAgain = 5 * time.Second
)

// choice is what a courier remembers between two choices of a result.
type choice struct {
	probe  bool   // the last attempt failed: try another than the oldest
	probed uint64 // Seq of the last one tried so
	aside  bool   // the last choice was one that had stood aside
}

// next finds the result to offer now, nil if none is due for some time: the oldest; after
// a failure the one behind the last that was tried instead. Those that have stood aside take
// at most every second turn, or a few that take their time would take all of it.
func (c *courier) next(ctx context.Context, now time.Time) (*Entry, time.Duration, error) {
	var oldest, late *Entry
	wait := lookAgain
	walk := c.ledger.begin()
	for after := uint64(0); ; {
		list, err := c.deliverable(ctx, after)
		if err != nil {
			return nil, 0, err
		}
		for i := range list {
			e := &list[i]
			after = e.Seq
			t, has, owed := c.ledger.trial(e.ID, c.number)
			switch {
			case has && !owed: // others do not have it
			case t.due.After(now):
				wait = min(wait, t.due.Sub(now))
			case t.aside && c.choice.aside:
				if late == nil {
					late = e
				}
			case !c.choice.probe || oldest != nil && e.Seq > c.choice.probed:
				return c.choose(e, t), 0, nil
			case oldest == nil:
				oldest = e
			}
		}
		if len(list) < page {
			break
		}
	}
	c.ledger.end(walk)
	if oldest == nil {
		oldest = late
	}
	if oldest == nil {
		return nil, wait, nil
	}
	t, _, _ := c.ledger.trial(oldest.ID, c.number)
	return c.choose(oldest, t), 0, nil
}

// deliverable is a page of what waits, nothing while another node delivers it.
func (c *courier) deliverable(ctx context.Context, after uint64) ([]Entry, error) {
	if mine, err := c.store.Claim(ctx); err != nil || !mine {
		return nil, err
	}
	return c.store.List(ctx, after, page)
}

func (c *courier) choose(e *Entry, t trial) *Entry {
	c.choice.aside = t.aside
	if c.choice.probe {
		c.choice.probed = e.Seq
	}
	return e
}
