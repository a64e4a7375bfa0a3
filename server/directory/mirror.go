package directory

import (
	"context"
	"sync"
	"time"
)

const (
	// mirrorFresh is how old a mirror may be without being looked after by who searches it.
	mirrorFresh = 250 * time.Millisecond

	// mirrorStale is, in times of that, how old it may be while somebody else does so.
	mirrorStale = 4
)

// mirror is a node's copy of the list of a Redis, brought up to date when it is searched.
// What that costs depends on how many rooms have changed since, not on how many there are.
type mirror struct {
	fresh time.Duration // mirrorFresh but in tests

	refreshing sync.Mutex // held by the one who reads changes; guards the following
	next       Cursor
	tried      time.Time // when the last reading began
	failed     error     // what came of it

	mu    sync.RWMutex // guards the following
	list  catalog
	noted map[string]Listing // rooms whose entry says more than Redis has told: what it told
	asOf  time.Time
}

// find searches a list that is at most a second old, or not older than the question if
// that is to be fresh.
func (m *mirror) find(ctx context.Context, d *Redis, q Query) ([]Listing, error) {
	if err := available(ctx); err != nil {
		return nil, err
	}
	fresh := m.fresh
	if q.Fresh {
		fresh = 0
	}
	if err := m.refresh(ctx, d, fresh); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.list.find(&q, time.Now()), nil
}

// note counts seats of a room as held until the next look.
func (m *mirror) note(room string, seats int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.list.byID[room]
	if e == nil {
		return
	}
	if m.noted == nil {
		m.noted = make(map[string]Listing)
	}
	if _, again := m.noted[room]; !again {
		m.noted[room] = e.Listing
	}
	l := e.Listing
	l.Reserved += seats
	m.list.put(&l, e.until)
}

// refresh reads what has changed, unless the list is fresh or somebody is at it. Those
// who come while the list is too old wait together, and share what comes of it.
func (m *mirror) refresh(ctx context.Context, d *Redis, fresh time.Duration) error {
	asked := time.Now()
	m.mu.RLock()
	age := asked.Sub(m.asOf)
	m.mu.RUnlock()
	switch {
	case age < fresh:
		return nil
	case m.refreshing.TryLock():
	case age < mirrorStale*fresh:
		return nil
	default:
		m.refreshing.Lock()
	}
	defer m.refreshing.Unlock()
	if m.tried.After(asked) {
		return m.failed
	}
	m.tried = time.Now()
	m.failed = m.read(context.WithoutCancel(ctx), d) // others wait for it, too
	return m.failed
}

// read takes over what has changed. The caller holds refreshing.
func (m *mirror) read(ctx context.Context, d *Redis) error {
	next, more := m.next, "0"
	var pages []reply
	for {
		r, err := d.call(ctx, "changes", next.Life, decimal(next.Version), d.page, more)
		if err != nil {
			return err
		}
		if r.text(2) == "1" {
			pages = nil // of a life that is over
		}
		pages = append(pages, r)
		next = Cursor{Life: r.text(0), Version: r.number(1)}
		if more = r.text(3); more != "1" {
			break
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, told := range m.noted {
		m.list.put(&told, time.Time{})
	}
	clear(m.noted)
	for _, r := range pages {
		if err := m.applyLocked(r); err != nil {
			m.next = Cursor{} // the list is half of this and half of that: begin anew
			return err
		}
	}
	m.next, m.asOf = next, m.tried
	return nil
}

func (m *mirror) applyLocked(r reply) error {
	if r.text(2) == "1" {
		m.list = catalog{}
	}
	gone := r.list(4)
	for i := range gone {
		m.list.remove(gone.text(i))
	}
	const fields = 6 // see reply.listing
	for list := r.list(5); len(list) >= fields; list = list[fields:] {
		l, err := list[:fields].listing()
		if err != nil {
			return err
		}
		m.list.put(&l, time.Time{})
	}
	return nil
}
