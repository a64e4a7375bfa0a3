package results

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// makeDir makes a directory, and those above it, so that they are there after a loss of power.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err == nil {
		return syncDir(filepath.Dir(path))
	} else if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		if err := makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		return makeDir(path)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// replay does again what the records of a journal say, in their order.
type replay struct {
	waiting map[string]*held
	done    map[string]bool
	seq     uint64 // the highest
}

// load reads all segments, passing over what a crash has torn.
func (j *journal) load() error {
	numbers, err := segmentNumbers(j.dir)
	if err != nil {
		return err
	}
	p := &replay{waiting: make(map[string]*held), done: make(map[string]bool)}
	for _, n := range numbers {
		if err := j.loadSegment(segmentPath(j.dir, n), p); err != nil {
			return err
		}
		j.number = n
	}
	j.seq = p.seq
	for _, h := range slices.SortedFunc(maps.Values(p.waiting), func(a, b *held) int { return cmp.Compare(a.Seq, b.Seq) }) {
		h.in.live++
		j.index.add(h)
	}
	j.tidy()
	return nil
}

// loadSegment reads one segment. What follows its last whole record is cut off. Bytes
// before that which are no record are damage to what was durable: that is loud, and the
// file stays until what else waits in it is delivered.
func (j *journal) loadSegment(path string, p *replay) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	s := &segment{path: path, file: f}
	j.segments = append(j.segments, s)
	end, damaged := scan(raw, func(r record) { p.apply(s, &r) })
	s.size = int64(end)
	if damaged > 0 {
		j.log.Error("the journal of results is damaged; what is left of it will be delivered", "path", path, "bytes", damaged)
	}
	if end == len(raw) {
		return nil
	}
	j.log.Info("the end of the journal of results was torn by a crash, and is cut off", "path", path, "bytes", len(raw)-end)
	if err := f.Truncate(s.size); err != nil {
		return err
	}
	return f.Sync()
}

// apply does what one record says.
func (p *replay) apply(s *segment, r *record) {
	p.seq = max(p.seq, r.seq)
	if r.kind == kindDone {
		p.done[r.id] = true
		delete(p.waiting, r.id)
		return
	}
	if p.done[r.id] {
		return
	}
	// It may have been there before: moved to s, or appended again after an error.
	p.waiting[r.id] = &held{Entry: Entry{Seq: r.seq, ID: r.id, Since: r.time, Bytes: len(r.body)}, in: s, at: int64(r.at)}
}
