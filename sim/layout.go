package sim

import "reflect"

// layout lists the plain data of a struct, private fields included, for checkpoints and
// hashes. Paths are Go names, so that another build can find them.
type layout struct {
	cells []cell
}

// cell is one scalar field of a layout, or an array of them in any number of
// dimensions, arrays of structs included.
type cell struct {
	path string // "Pos.X", "Slots[].Count"
	code cellCode
	leaf
	dims []dim // outermost first
}

// dim is one array around a cell.
type dim struct {
	n      int
	stride uintptr
}

// maxCells bounds the plain data of a checkpoint: one cell of more elements is a table.
const maxCells = 1 << 20

// count returns the number of elements.
func (c *cell) count() int {
	n := 1
	for _, d := range c.dims {
		n *= d.n
	}
	return n
}

// offsetOf returns where element e lies.
func (c *cell) offsetOf(e int) uintptr {
	var off uintptr
	for i := len(c.dims) - 1; i >= 0; i-- {
		d := c.dims[i]
		off += uintptr(e%d.n) * d.stride
		e /= d.n
	}
	return off
}

// layoutWalk compiles a layout.
type layoutWalk struct {
	layout   *layout
	mistakes *mistakes
	saver    bool // what is not plain data is the author's business
}

func compileLayout(t reflect.Type, m *mistakes) *layout {
	w := &layoutWalk{layout: &layout{}, mistakes: m}
	if t.Kind() == reflect.Struct {
		w.fields(t, cell{}, t.String())
	}
	return w.layout
}

func (w *layoutWalk) fields(t reflect.Type, at cell, path string) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Name != "_" {
			w.field(f, at, path)
		}
	}
}

func (w *layoutWalk) field(f reflect.StructField, at cell, path string) {
	if at.path != "" {
		at.path += "."
	}
	at.path += f.Name
	at.offset += f.Offset
	w.value(f.Type, at, path+"."+f.Name)
}

func (w *layoutWalk) value(t reflect.Type, at cell, path string) {
	switch k := t.Kind(); k {
	case reflect.Struct:
		if isMember(t) {
			w.mistakes.add(path, "the engine does not look for it inside another struct", "a field of the game's own struct")
			return
		}
		w.fields(t, at, path)
	case reflect.Array:
		if t.Len() == 0 {
			return
		}
		at.path += "[]"
		at.dims = append(at.dims[:len(at.dims):len(at.dims)], dim{t.Len(), t.Elem().Size()})
		w.value(t.Elem(), at, path)
	case reflect.Bool, reflect.String, reflect.Int, reflect.Uint, reflect.Float32, reflect.Float64,
		reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		at.goKind, at.code = k, cellCodeOf(k)
		if at.count() > maxCells {
			w.mistakes.add(path, "more than 2^20 elements", "a table")
			return
		}
		w.layout.cells = append(w.layout.cells, at)
	default:
		if !w.saver {
			w.mistakes.add(path, kindNoun(k)+" cannot be checkpointed", w.cure(k))
		}
	}
}

func (w *layoutWalk) cure(k reflect.Kind) string {
	switch k {
	case reflect.Pointer:
		return "the sim.ID of the entity"
	case reflect.Map, reflect.Slice:
		return "an array or a table, or in the game's own struct the methods of sim.Saver"
	}
	return "plain data, or in the game's own struct the methods of sim.Saver"
}
