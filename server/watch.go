package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

const (
	// watchEvery is how often changes of the list are looked for. What changes several
	// times in it is told once.
	watchEvery = 250 * time.Millisecond

	// watchLog is how many changes are kept for those who read slowly or come back. Who is
	// behind more of them is sent the list again, which is no longer than they are.
	watchLog = 8192

	// watchPart is how many rooms or changes are written at once, about 80 KB: what the
	// memory of one who watches is bounded by.
	watchPart = 256
)

// watch is the changes of the list of public rooms, in order. Each of those who watch reads
// them at its own pace from the one log: nothing is queued for anybody.
type watch struct {
	n    *node
	life string // of this log: another process's numbers mean nothing here

	ready chan struct{} // closed: there is more already

	mu      sync.Mutex                    // guards the following
	known   map[string]*directory.Listing // as of the last change; never changed
	log     []change                      // a ring; change i is at i % watchLog
	next    uint64                        // number of the next change; the first is 1
	changed chan struct{}                 // closed when next rises
	readers int
}

// change is a room that is new, has changed, or is gone.
type change struct {
	number uint64
	before *directory.Listing // nil: it is new
	now    *directory.Listing // nil: it is gone
}

func newWatch(n *node) *watch {
	ready := make(chan struct{})
	close(ready)
	return &watch{
		n: n, ready: ready, life: rand.Text()[:8], known: make(map[string]*directory.Listing),
		log: make([]change, watchLog), next: 1, changed: make(chan struct{}),
	}
}

// Run looks for changes until ctx ends.
func (w *watch) Run(ctx context.Context) {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if w.wanted() {
				w.look(ctx)
			}
		case <-ctx.Done():
			return
		}
	}
}

// wanted tells whether anybody watches. Nobody's list is looked at for nobody.
func (w *watch) wanted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.readers > 0
}

// look compares the list with what is known of it. A directory that does not answer
// changes nothing.
func (w *watch) look(ctx context.Context) {
	rooms, err := w.n.dir.Find(ctx, directory.Query{})
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.next
	there := make(map[string]bool, len(rooms))
	for i := range rooms {
		l := &rooms[i]
		if !w.n.refresh(l) {
			continue
		}
		there[l.Room] = true
		old := w.known[l.Room]
		if old != nil && sameRoom(old, l) {
			continue
		}
		now := *l // the list is garbage soon, what is known stays
		w.noteLocked(change{before: old, now: &now})
		w.known[l.Room] = &now
	}
	for room, old := range w.known {
		if !there[room] {
			w.noteLocked(change{before: old})
			delete(w.known, room)
		}
	}
	if w.next != before {
		close(w.changed)
		w.changed = make(chan struct{})
	}
}

func (w *watch) noteLocked(c change) {
	c.number = w.next
	w.log[w.next%watchLog] = c
	w.next++
}

// sameRoom tells whether a room is as it was for those who watch the list: ticks pass
// without their being told.
func sameRoom(a, b *directory.Listing) bool {
	return a.Players == b.Players && a.Reserved == b.Reserved && a.Spectators == b.Spectators &&
		a.Locked == b.Locked && a.Owner == b.Owner && sameProperties(a.Properties, b.Properties)
}

func sameProperties(a, b directory.Properties) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if other, ok := b[name]; !ok || other != v {
			return false
		}
	}
	return true
}

// refresh makes a listing say how its room is now, where that is ours; false if it has
// ended since it was listed.
func (n *node) refresh(l *directory.Listing) bool {
	if l.Node != n.id {
		return true
	}
	h := n.lookup(l.Room)
	if h != nil {
		*l = h.listing()
	}
	return h != nil
}

// snapshot returns the rooms that q asks for, ordered by room, and the number of the first
// change that is not in it.
func (w *watch) snapshot(q *directory.Query) (rooms []*directory.Listing, next uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.known {
		if q.Wants(l) {
			rooms = append(rooms, l)
		}
	}
	slices.SortFunc(rooms, func(a, b *directory.Listing) int { return strings.Compare(a.Room, b.Room) })
	return rooms, w.next
}

// since returns changes from number on, the first watchPart of them, or ok false if they
// are not kept any more. wait is closed when there are more.
func (w *watch) since(number uint64) (changes []change, wait <-chan struct{}, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if number > w.next || number+watchLog <= w.next-1 || number == 0 {
		return nil, nil, false
	}
	last := min(w.next, number+watchPart)
	for ; number < last; number++ {
		changes = append(changes, w.log[number%watchLog])
	}
	if last < w.next {
		return changes, w.ready, true
	}
	return changes, w.changed, true
}

// enter counts somebody in, unless as many watch as may.
func (w *watch) enter(ctx context.Context, most int) bool {
	w.mu.Lock()
	first := w.readers == 0
	if w.readers >= most {
		w.mu.Unlock()
		return false
	}
	w.readers++
	w.mu.Unlock()
	if first { // what is known is as old as the last one who watched
		w.look(ctx)
	}
	return true
}

func (w *watch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readers--
}

// id is what a client shows to go on behind a change.
func (w *watch) id(number uint64) string { return fmt.Sprintf("%s-%d", w.life, number) }

// number reads an id. ok is false for one of another log.
func (w *watch) number(id string) (number uint64, ok bool) {
	life, text, _ := strings.Cut(id, "-")
	number, err := strconv.ParseUint(text, 10, 62)
	return number, err == nil && life == w.life
}
