package delta

import bitcode "github.com/roomtick/roomtick/schema/bits"

// The parameters of one part in a prologue, PROTOCOL.md 4.2, as changes of the ones
// before. A prologue that is whole tells them of all columns, another one of those
// that are active:
//
//	| any:1 [active:1 per column] |; then, if any is active or the prologue is whole:
//	| changes:1 |; then, if there are changes:
//	| codings:1 [per column: changed:1 [hold:1 coding]] |
//	| levels:1 [per idle kind: changed:1 [4]; per column: changed:1 [per context: changed:1 [8]]] |

// write tells s to who knows was.
func (s *settings) write(w *bitcode.Writer, was *settings, whole bool) {
	if len(s.columns) == 0 {
		return
	}
	any := s.active()
	w.Bool(any)
	codings, levels := false, s.awake != was.awake
	for i := range s.columns {
		c, o := &s.columns[i], &was.columns[i]
		if any {
			w.Bool(c.active)
		}
		if c.active || whole {
			codings = codings || c.coding != o.coding || c.hold != o.hold
			levels = levels || c.levels != o.levels
		}
	}
	if !any && !whole {
		return
	}
	w.Bool(codings || levels)
	if !codings && !levels {
		return
	}
	w.Bool(codings)
	if codings {
		for i := range s.columns {
			c, o := &s.columns[i], &was.columns[i]
			if !c.active && !whole {
				continue
			}
			other := c.coding != o.coding || c.hold != o.hold
			w.Bool(other)
			if other {
				w.Bool(c.hold)
				c.coding.write(w)
			}
		}
	}
	w.Bool(levels)
	if levels {
		s.writeLevels(w, was, whole)
	}
}

func (s *settings) writeLevels(w *bitcode.Writer, was *settings, whole bool) {
	for i, level := range s.awake[:idleKinds] {
		change(w, level, was.awake[i], 4)
	}
	for i := range s.columns {
		c, o := &s.columns[i], &was.columns[i]
		if !c.active && !whole {
			continue
		}
		w.Bool(c.levels != o.levels)
		if c.levels == o.levels {
			continue
		}
		for ctx, level := range c.levels {
			change(w, level, o.levels[ctx], 8)
		}
	}
}

func change(w *bitcode.Writer, now, was uint8, size uint) {
	w.Bool(now != was)
	if now != was {
		w.Bits(uint32(now), size)
	}
}

// read brings s, which holds the parameters before, to those told.
func (s *settings) read(r *bitcode.Reader, whole bool) {
	if len(s.columns) == 0 {
		return
	}
	any := r.Bool()
	for i := range s.columns {
		s.columns[i].active = any && r.Bool()
	}
	if !any && !whole || !r.Bool() {
		return
	}
	if r.Bool() {
		for i := range s.columns {
			if c := &s.columns[i]; (c.active || whole) && r.Bool() {
				c.hold = r.Bool()
				c.coding.read(r)
			}
		}
	}
	if r.Bool() {
		s.readLevels(r, whole)
	}
}

func (s *settings) readLevels(r *bitcode.Reader, whole bool) {
	for i := range idleKinds {
		changed(r, &s.awake[i], 4)
	}
	for i := range s.columns {
		c := &s.columns[i]
		if !c.active && !whole || !r.Bool() {
			continue
		}
		for ctx := range c.levels {
			changed(r, &c.levels[ctx], 8)
		}
	}
}

func changed(r *bitcode.Reader, value *uint8, size uint) {
	if r.Bool() {
		*value = uint8(r.Bits(size))
	}
}
