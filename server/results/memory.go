package results

import (
	"bytes"
	"context"
	"sync"
	"time"
)

// memoryLimit bounds the bodies in a memory store, so that a receiver that is away for
// hours does not cost the rooms their memory.
const memoryLimit = 64 << 20

// memory is a Store that is lost with its process.
type memory struct {
	limit int64

	mu     sync.Mutex // guards the following
	index  index
	done   recent
	seq    uint64
	closed bool
}

// NewMemory returns a Store in memory, of 64 MB at most: what waits in it is lost with the process.
func NewMemory() Store {
	return &memory{limit: memoryLimit, index: newIndex(), done: newRecent()}
}

func (m *memory) Append(_ context.Context, _ Owner, id string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return ErrClosed
	case m.index.byID[id] != nil || m.done.has(id):
		return nil
	case m.index.bytes+int64(len(body)) > m.limit:
		return ErrFull
	}
	m.seq++
	m.index.add(&held{Entry: Entry{Seq: m.seq, ID: id, Since: time.Now(), Bytes: len(body)}, body: bytes.Clone(body)})
	return nil
}

func (m *memory) Claim(context.Context) (bool, error) { return true, nil }

func (m *memory) List(_ context.Context, after uint64, limit int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	return m.index.list(after, limit), nil
}

func (m *memory) Load(_ context.Context, id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch h := m.index.byID[id]; {
	case m.closed:
		return nil, ErrClosed
	case h == nil:
		return nil, ErrGone
	default:
		return h.body, nil
	}
}

func (m *memory) Done(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if m.index.remove(id) != nil {
		m.done.add(id)
	}
	return nil
}

func (m *memory) Count(context.Context) (int, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, oldest := m.index.count()
	return n, oldest, nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// recentSize is how many ids of results that are done a store remembers: those appended a
// second time are retries of seconds ago.
const recentSize = 1024

// recent remembers the newest ids it was given.
type recent struct {
	ids  map[string]bool
	ring []string
	next int
}

func newRecent() recent { return recent{ids: make(map[string]bool)} }

func (r *recent) has(id string) bool { return r.ids[id] }

func (r *recent) add(id string) {
	if len(r.ring) < recentSize {
		r.ring = append(r.ring, id)
	} else {
		delete(r.ids, r.ring[r.next])
		r.ring[r.next] = id
		r.next = (r.next + 1) % recentSize
	}
	r.ids[id] = true
}
