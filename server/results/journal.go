package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// journalLimit bounds what waits on disk: a receiver that never comes must not fill it.
const journalLimit = 1 << 30

// journal is a Store in the append-only files of a directory. What Append has accepted is
// on disk; appends that come while it is being written share the next write.
type journal struct {
	// Set once by OpenJournal.
	dir         string
	disk        disk
	log         *slog.Logger
	lock        io.Closer
	segmentSize int64

	mu       sync.Mutex // guards the following
	index    index
	done     recent
	seq      uint64
	segments []*segment // the oldest first
	batch    *batch     // nil: nobody waits to be written
	writing  bool       // a goroutine of write runs, and has what follows
	idle     *sync.Cond // on mu: writing has become false
	closed   bool

	// Owned by the goroutine of write.
	current *segment // the last of segments, nil if the next write needs a new one
	number  uint64   // of the newest segment
}

// batch is what goes to disk in one write.
type batch struct {
	buf     []byte
	results []*held       // those appended; at is where in buf, until they are written
	written chan struct{} // closed once err is set
	err     error
}

// OpenJournal opens the journal in a directory, which it creates, and repairs what a crash
// has left of it. ErrLocked if another process has it.
func OpenJournal(dir string, log *slog.Logger) (Store, error) {
	return openJournal(dir, log, osDisk())
}

func openJournal(dir string, log *slog.Logger, d disk) (*journal, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("open journal in %s: %w", dir, err)
	}
	j := &journal{dir: dir, disk: d, log: log, lock: lock, segmentSize: segmentSize, index: newIndex(), done: newRecent()}
	j.idle = sync.NewCond(&j.mu)
	if err := j.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal in %s: %w", dir, err), j.closeFiles())
	}
	return j, nil
}

func (j *journal) Append(ctx context.Context, _ Owner, id string, body []byte) error {
	if id == "" || len(id) > maxID || len(body) > maxBody {
		return fmt.Errorf("append: id of %d bytes, body of %d; at most %d and %d", len(id), len(body), maxID, maxBody)
	}
	b, err := j.enqueue(id, body)
	if err != nil || b == nil {
		return err
	}
	select {
	case <-b.written:
		return b.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// enqueue puts a result into the next write, nil if it is kept already.
func (j *journal) enqueue(id string, body []byte) (*batch, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return nil, ErrClosed
	case j.index.byID[id] != nil || j.done.has(id):
		return nil, nil
	case j.index.bytes+int64(len(body)) > journalLimit:
		return nil, ErrFull
	}
	b := j.batchLocked()
	j.seq++
	h := &held{Entry: Entry{Seq: j.seq, ID: id, Since: time.Now(), Bytes: len(body)}}
	b.buf = appendRecord(b.buf, &record{kind: kindResult, id: id, seq: h.Seq, time: h.Since, body: body})
	h.at = int64(len(b.buf) - len(body))
	b.results = append(b.results, h)
	return b, nil
}

// batchLocked returns what the next write takes.
func (j *journal) batchLocked() *batch {
	if j.batch == nil {
		j.batch = &batch{written: make(chan struct{})}
	}
	if !j.writing {
		j.writing = true
		go j.write()
	}
	return j.batch
}

func (j *journal) Done(_ context.Context, id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrClosed
	}
	h := j.index.remove(id)
	if h == nil {
		return nil
	}
	j.done.add(id)
	h.in.live--
	b := j.batchLocked() // nobody waits for it: lost, the result is sent once more
	b.buf = appendRecord(b.buf, &record{kind: kindDone, id: id})
	return nil
}

func (j *journal) Claim(context.Context) (bool, error) { return true, nil }

func (j *journal) List(_ context.Context, after uint64, limit int) ([]Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, ErrClosed
	}
	return j.index.list(after, limit), nil
}

func (j *journal) Load(_ context.Context, id string) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock() // also while it reads: the segment must not be deleted meanwhile
	h := j.index.byID[id]
	switch {
	case j.closed:
		return nil, ErrClosed
	case h == nil:
		return nil, ErrGone
	}
	body := make([]byte, h.Bytes)
	if _, err := h.in.file.ReadAt(body, h.at); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return body, nil
}

func (j *journal) Count(context.Context) (int, time.Time, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, oldest := j.index.count()
	return n, oldest, nil
}

// Close waits for the write under way and gives the directory to others.
func (j *journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	for j.writing {
		j.idle.Wait()
	}
	j.mu.Unlock()
	var err error
	if j.current != nil {
		err = j.current.file.Sync() // the last that were done
	}
	return errors.Join(err, j.closeFiles())
}

func (j *journal) closeFiles() error {
	var err error
	for _, s := range j.segments {
		err = errors.Join(err, s.file.Close())
	}
	return errors.Join(err, j.lock.Close())
}
