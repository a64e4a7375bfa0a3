package directory

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// twin is what a Directory does, as plainly as it can be said. It is told the epochs and
// versions that the real one has given out.
type twin struct {
	now     time.Duration
	rooms   map[string]*twinRoom
	leases  map[string]twinLease
	tickets map[string]*twinTicket
	results []Result
	known   map[string]bool
}

type twinRoom struct {
	listing   Listing
	acquired  bool // false once released
	published bool
	until     time.Duration
	holds     map[string]twinHold
}

type twinHold struct {
	seats int
	until time.Duration
}

type twinLease struct {
	Lease
	until time.Duration
}

type twinTicket struct {
	Ticket
	until time.Duration
}

func newTwin() *twin {
	return &twin{
		rooms: make(map[string]*twinRoom), leases: make(map[string]twinLease),
		tickets: make(map[string]*twinTicket), known: make(map[string]bool),
	}
}

func (w *twin) alive(room string) *twinRoom {
	if r := w.rooms[room]; r != nil && r.acquired && r.until > w.now {
		return r
	}
	return nil
}

func (w *twin) shown(r *twinRoom) Listing {
	l := r.listing
	for _, h := range r.holds {
		if h.until > w.now {
			l.Reserved += h.seats
		}
	}
	return l
}

func (w *twin) acquire(room, node string, given uint64) error {
	if r := w.alive(room); r != nil && r.listing.Node != node {
		return ErrFenced
	}
	w.rooms[room] = &twinRoom{listing: Listing{Owner: Owner{room, node, given}}, acquired: true, until: w.now + testLease, holds: make(map[string]twinHold)}
	return nil
}

// renew is Confirm, too, if there is a nonce.
func (w *twin) renew(l Listing, nonce string) error {
	r := w.rooms[l.Room]
	if r.listing.Owner != l.Owner || !r.acquired {
		return ErrFenced
	}
	for room, other := range w.rooms {
		if l.Code != "" && room != l.Room && other.published && other.listing.Code == l.Code && w.alive(room) != nil {
			return ErrCodeTaken
		}
	}
	if r.until <= w.now {
		clear(r.holds)
		r.published = false
	}
	r.until = w.now + testLease
	if !r.published || l.Look >= r.listing.Look {
		r.listing, r.published = l, true
	}
	delete(r.holds, nonce)
	return nil
}

func (w *twin) release(o Owner) error {
	r := w.rooms[o.Room]
	if r.listing.Owner != o {
		return ErrFenced
	}
	w.rooms[o.Room] = &twinRoom{listing: Listing{Owner: o}}
	return nil
}

func (w *twin) lookup(room string) (Listing, error) {
	if r := w.alive(room); r != nil {
		return w.shown(r), nil
	}
	return Listing{}, ErrUnknownRoom
}

func (w *twin) byCode(code string) (Listing, error) {
	for room := range w.rooms {
		if r := w.alive(room); r != nil && r.published && r.listing.Code == code {
			return w.shown(r), nil
		}
	}
	return Listing{}, ErrUnknownRoom
}

func (w *twin) find(q Query) []Listing {
	var found []Listing
	for room := range w.rooms {
		if r := w.alive(room); r != nil && r.published {
			if l := w.shown(r); q.Wants(&l) {
				found = append(found, l)
			}
		}
	}
	slices.SortFunc(found, func(a, b Listing) int {
		var by int
		switch q.Sort {
		case ByFill:
			by = cmp.Compare(a.Free(), b.Free())
		case ByAge:
			by = a.Created.Compare(b.Created)
		case ByLatency:
			by = cmp.Or(cmp.Compare(q.latency(a.Region), q.latency(b.Region)), cmp.Compare(a.Free(), b.Free()))
		case ByRoom:
		}
		return cmp.Or(by, cmp.Compare(a.Room, b.Room))
	})
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	return found
}

func (w *twin) hold(h Hold) error {
	r := w.alive(h.Room)
	if r == nil || !r.published {
		return ErrUnknownRoom
	}
	if old, again := r.holds[h.Nonce]; again && old.until > w.now {
		return nil
	}
	if l := w.shown(r); l.Free() < h.Seats {
		return ErrFull
	}
	r.holds[h.Nonce] = twinHold{h.Seats, w.now + h.For}
	return nil
}

func (w *twin) lease(name, node string, given uint64) error {
	l := w.leases[name]
	if l.until > w.now && l.Node != node {
		return ErrFenced
	}
	w.leases[name] = twinLease{Lease{name, node, given}, w.now + testLease}
	return nil
}

func (w *twin) put(t Ticket) error {
	old := w.tickets[t.ID]
	exists := old != nil && old.until > w.now
	if exists && (old.Version != t.Version || old.Queue != t.Queue) || !exists && t.Version != 0 {
		return ErrConflict
	}
	return nil
}

func (w *twin) write(t Ticket, given uint64) {
	t.Version = given
	w.tickets[t.ID] = &twinTicket{t, w.now + t.For}
}

// queue is the bodies of the tickets in a queue by id.
func (w *twin) queue(name string) map[string]string {
	have := make(map[string]string)
	for id, t := range w.tickets {
		if t.Queue == name && t.until > w.now {
			have[id] = fmt.Sprint(t.Version, string(t.Body))
		}
	}
	return have
}

func (w *twin) append(r Result) error {
	room := w.rooms[r.Owner.Room]
	if room.listing.Owner != r.Owner {
		return ErrFenced
	}
	if !w.known[r.ID] {
		w.known[r.ID] = true
		w.results = append(w.results, r)
	}
	return nil
}

func (w *twin) delivered(id string) {
	w.results = slices.DeleteFunc(w.results, func(r Result) bool { return r.ID == id })
}
