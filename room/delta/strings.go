package delta

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// texts are the interned strings of a group. An index that no row uses any more
// rests until no baseline in the history can have it, and only then names another
// text; until then the same text may take it up again.
type texts struct {
	entries []text // by index; 0 is ""
	indexes map[string]int32
	given   []dated // young entries, oldest first
	resting []dated // unused entries, oldest first
	free    []int32
}

type text struct {
	s           string
	refs        int32  // rows that have it
	given, left uint32 // send ticks at which it was last given out, and last unused
}

type dated struct {
	index int32
	tick  uint32
}

// expire forgets what is older than any baseline.
func (t *texts) expire(now, window uint32) {
	n := 0
	for n < len(t.given) && now-t.given[n].tick >= window {
		n++
	}
	t.given = slices.Delete(t.given, 0, n)
	n = 0
	for n < len(t.resting) && now-t.resting[n].tick >= window {
		t.retire(t.resting[n])
		n++
	}
	t.resting = slices.Delete(t.resting, 0, n)
}

// retire frees an entry, unless it was used again since it went to rest.
func (t *texts) retire(d dated) {
	e := &t.entries[d.index]
	if e.refs > 0 || e.left != d.tick || e.s == "" {
		return
	}
	delete(t.indexes, e.s)
	e.s = ""
	t.free = append(t.free, d.index)
}

// intern is Stream.Intern.
func (t *texts) intern(old int32, s string, now uint32) int32 {
	if old > 0 && t.entries[old].s == s {
		return old
	}
	s = clean(s)
	if old > 0 && t.entries[old].s == s {
		return old
	}
	index := t.take(s, now)
	t.release(old, now)
	return index
}

// take counts one more row for s.
func (t *texts) take(s string, now uint32) int32 {
	if s == "" {
		return 0
	}
	index, ok := t.indexes[s]
	if !ok {
		if index = t.allot(); index == 0 {
			return 0
		}
		s = strings.Clone(s)
		t.indexes[s] = index
		t.entries[index] = text{s: s}
	}
	e := &t.entries[index]
	if e.refs == 0 && (!ok || e.given != now) {
		// Clients that came while it rested do not have it, so it is told again.
		e.given = now
		t.given = append(t.given, dated{index, now})
	}
	e.refs++
	return index
}

// allot returns an unused index, or 0 if there is none.
func (t *texts) allot() int32 {
	if t.indexes == nil {
		t.indexes = map[string]int32{}
		t.entries = make([]text, 1)
	}
	if n := len(t.free); n > 0 {
		index := t.free[n-1]
		t.free = t.free[:n-1]
		return index
	}
	if len(t.entries) > MaxStrings {
		return 0
	}
	t.entries = append(t.entries, text{})
	return int32(len(t.entries) - 1)
}

// release counts one row less for an index.
func (t *texts) release(index int32, now uint32) {
	if index <= 0 {
		return
	}
	e := &t.entries[index]
	if e.refs--; e.refs == 0 {
		e.left = now
		t.resting = append(t.resting, dated{index, now})
	}
}

// clean makes s fit for the wire: valid UTF-8 of at most MaxText bytes.
func clean(s string) string {
	if len(s) > MaxText {
		n := MaxText
		for n > MaxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	s = strings.ToValidUTF8(s, "?")
	return s
}

// writeStrings writes the texts in use that were given out in the last back send
// ticks.
func (s *Stream) writeStrings(back int) {
	n := s.texts.news(s.now, back)
	w := &s.enc.w
	w.Bool(n > 0)
	if n == 0 {
		return
	}
	w.Num(n)
	for _, d := range s.texts.given {
		if s.texts.tells(d, s.now, back) {
			s.writeText(d.index)
		}
	}
}

// news counts the texts that a baseline back send ticks ago still needs to be told.
func (t *texts) news(now uint32, back int) (n uint32) {
	for _, d := range t.given {
		if t.tells(d, now, back) {
			n++
		}
	}
	return n
}

// tells reports whether a baseline back send ticks ago still needs to be told d.
func (t *texts) tells(d dated, now uint32, back int) bool {
	e := &t.entries[d.index]
	return now-d.tick < uint32(back) && e.given == d.tick && e.refs > 0
}

// writeAllStrings writes every text in use.
func (s *Stream) writeAllStrings() {
	n := uint32(0)
	for i := range s.texts.entries {
		if s.texts.entries[i].refs > 0 {
			n++
		}
	}
	w := &s.enc.w
	w.Bool(n > 0)
	if n == 0 {
		return
	}
	w.Num(n)
	for i := range s.texts.entries {
		if s.texts.entries[i].refs > 0 {
			s.writeText(int32(i))
		}
	}
}

func (s *Stream) writeText(index int32) {
	w := &s.enc.w
	text := s.texts.entries[index].s
	w.Num(uint32(index))
	w.Num(uint32(len(text)))
	for i := range len(text) {
		w.Bits(uint32(text[i]), 8)
	}
}
