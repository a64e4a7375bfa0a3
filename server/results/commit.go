package results

import (
	"errors"
	"io"
)

// spareSegments is how much a journal may hold, beside twice what waits, before results
// that nobody accepts are moved out of its oldest segment, so that they do not keep
// everything that came after them. Moving is paid for by as much that is deleted.
const spareSegments = 8

// write takes batches to disk until none is left, on a goroutine of its own.
func (j *journal) write() {
	for {
		j.mu.Lock()
		b := j.batch
		j.batch = nil
		if b == nil {
			j.writing = false
			j.idle.Broadcast()
			j.mu.Unlock()
			return
		}
		j.mu.Unlock()
		b.err = j.commit(b)
		close(b.written)
		j.tidy()
	}
}

// commit writes a batch and makes it durable if there is a result in it. After an error
// nobody knows what is on disk, so the segment is never written again; what of the batch
// may be in it is passed over at the next start, or delivered, since those results are
// appended again under the same ids.
func (j *journal) commit(b *batch) error {
	s, err := j.writable()
	if err != nil {
		return err
	}
	j.disk.fault("writing")
	if _, err = s.file.Write(b.buf); err == nil {
		j.disk.fault("written")
		if len(b.results) > 0 {
			err = s.file.Sync()
		}
	}
	if err != nil {
		j.abandon(s)
		return err
	}
	j.disk.fault("synced")
	start := s.size
	s.size += int64(len(b.buf))
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, h := range b.results {
		if j.index.byID[h.ID] != nil || j.done.has(h.ID) { // appended twice at once
			continue
		}
		h.in, h.at = s, start+h.at
		s.live++
		j.index.add(h)
	}
	return nil
}

// writable returns the segment to write to.
func (j *journal) writable() (*segment, error) {
	if j.current != nil && j.current.size < j.segmentSize {
		return j.current, nil
	}
	if j.current != nil {
		if err := j.current.file.Sync(); err != nil { // what is done, in the end
			j.abandon(j.current)
			return nil, err
		}
		j.current = nil
	}
	j.number++
	s, err := j.disk.newSegment(j.dir, j.number)
	if err != nil {
		return nil, err
	}
	j.disk.fault("segment made")
	j.current = s
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments = append(j.segments, s)
	return s, nil
}

// abandon leaves a segment that could not be written. What was torn is cut off, if that
// is still possible.
func (j *journal) abandon(s *segment) {
	_ = s.file.Truncate(s.size) // opening the journal passes over the rest as well
	j.current = nil
}

// tidy deletes segments from which nothing waits, the oldest first: what is done is told
// in later ones, which therefore must not go before. It moves the results of one at most:
// appends wait meanwhile.
func (j *journal) tidy() {
	for moved := false; ; {
		s := j.oldest(moved)
		if s == nil || s == j.current && s.size < j.segmentSize {
			return
		}
		if s.live > 0 {
			if moved = true; !j.move(s) {
				return
			}
		}
		if s == j.current {
			j.current = nil
		}
		if err := j.drop(s); err != nil {
			j.log.Warn("a segment of the results' journal was not deleted", "path", s.path, "cause", err)
			return
		}
	}
}

// oldest returns the first segment if it is to be deleted, else nil.
func (j *journal) oldest(moved bool) *segment {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.segments) == 0 {
		return nil
	}
	all := int64(0)
	for _, s := range j.segments {
		all += s.size
	}
	s := j.segments[0]
	if s.live > 0 && (moved || s == j.current || all <= 2*j.index.bytes+spareSegments*j.segmentSize) {
		return nil
	}
	return s
}

// drop deletes a segment that nothing waits in.
func (j *journal) drop(s *segment) error {
	j.disk.fault("deleting")
	j.mu.Lock()
	j.segments = j.segments[1:]
	j.mu.Unlock()
	err := errors.Join(s.file.Close(), j.disk.remove(s.path), j.disk.syncDir(j.dir))
	j.disk.fault("deleted")
	return err
}

// move copies what waits in s to the segment that is being written, under the same Seq.
// It reports whether nothing waits in s any more.
func (j *journal) move(s *segment) bool {
	b := &batch{}
	moved := j.waitingIn(s)
	at := make([]int64, len(moved))
	for i, h := range moved {
		body := make([]byte, h.Bytes)
		if _, err := s.file.ReadAt(body, h.at); err != nil && !errors.Is(err, io.EOF) {
			return false
		}
		b.buf = appendRecord(b.buf, &record{kind: kindResult, id: h.ID, seq: h.Seq, time: h.Since, body: body})
		at[i] = int64(len(b.buf) - len(body))
	}
	to, err := j.writable()
	if err != nil {
		return false
	}
	if _, err = to.file.Write(b.buf); err == nil {
		j.disk.fault("moving")
		err = to.file.Sync()
	}
	if err != nil {
		j.abandon(to)
		return false
	}
	start := to.size
	to.size += int64(len(b.buf))
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, h := range moved {
		if j.index.byID[h.ID] == h { // else done meanwhile
			h.in, h.at = to, start+at[i]
			to.live++
			s.live--
		}
	}
	return s.live == 0
}

// waitingIn returns the results of a segment that wait.
func (j *journal) waitingIn(s *segment) []*held {
	j.mu.Lock()
	defer j.mu.Unlock()
	var list []*held
	for _, h := range j.index.order[j.index.first:] {
		if h != nil && h.in == s {
			list = append(list, h)
		}
	}
	return list
}
