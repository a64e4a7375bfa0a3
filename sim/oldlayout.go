package sim

import "unsafe"

// oldLayout is the layout that a checkpoint was written with, matched with the game's by
// path. Cells that only the checkpoint has are read and dropped; cells that only the game
// has stay zero.
type oldLayout struct {
	cells []oldCell
}

type oldCell struct {
	code cellCode
	dims []int
	to   *cell // nil if the game has no such cell
}

// readLayout reads a layout and matches it with now, which may be nil.
func readLayout(r *stateReader, now *layout) oldLayout {
	var old oldLayout
	for range r.count("cells") {
		path := r.text()
		c := oldCell{code: cellCode(r.raw(1))}
		if r.err == nil && (c.code < cellBool || c.code > cellString) {
			r.fail("%s has unknown kind %d", path, c.code)
		}
		c.readDims(r, path)
		if r.err != nil {
			return oldLayout{}
		}
		c.match(now.named(path))
		old.cells = append(old.cells, c)
	}
	return old
}

func (c *oldCell) readDims(r *stateReader, path string) {
	total := 1
	for range r.raw(1) {
		n := int(r.leb())
		if n < 1 || n > maxCells/total {
			r.fail("%s is an array of %d", path, n)
			return
		}
		total *= n
		c.dims = append(c.dims, n)
	}
}

// match connects the cell with the game's, if values can move between them.
func (c *oldCell) match(to *cell) {
	if to == nil || !to.fits(c.code) || len(to.dims) != len(c.dims) {
		return
	}
	c.to = to
}

// named finds a cell by its path.
func (l *layout) named(path string) *cell {
	if l == nil {
		return nil
	}
	for i := range l.cells {
		if l.cells[i].path == path {
			return &l.cells[i]
		}
	}
	return nil
}

// read reads the values of a struct into base; a nil base drops them.
func (l *oldLayout) read(r *stateReader, base unsafe.Pointer) {
	for i := range l.cells {
		l.cells[i].read(r, base)
	}
}

func (c *oldCell) read(r *stateReader, base unsafe.Pointer) {
	total := 1
	for _, n := range c.dims {
		total *= n
	}
	for e := range total {
		if r.err != nil {
			return
		}
		off, ok := c.place(e)
		drop := base == nil || !ok
		switch {
		case c.code == cellString && drop:
			r.bytes(r.count("bytes"))
		case c.code == cellString:
			c.to.setString(unsafe.Add(base, off), r.text())
		case drop:
			r.value(c.code)
		default:
			c.to.setRaw(unsafe.Add(base, off), r.value(c.code), c.code)
		}
	}
}

// place returns where element e goes in the game's arrays; ok is false if nowhere.
func (c *oldCell) place(e int) (off uintptr, ok bool) {
	if c.to == nil {
		return 0, false
	}
	for i := len(c.dims) - 1; i >= 0; i-- {
		at := e % c.dims[i]
		if at >= c.to.dims[i].n {
			return 0, false
		}
		off += uintptr(at) * c.to.dims[i].stride
		e /= c.dims[i]
	}
	return off, true
}
