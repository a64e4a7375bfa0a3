package sim

import (
	"fmt"
	"reflect"

	"github.com/roomtick/roomtick/schema"
)

// usage says what a struct is used for, which decides which fields and tags it may have.
type usage uint8

const (
	useTable usage = iota
	useSingle
	useInput
	useEvent
)

// payload reports whether every field travels, tagged or not.
func (u usage) payload() bool { return u == useInput || u == useEvent }

// maxArray is the longest array of a field: every element is a column of its own.
const maxArray = 256

// fieldWalk compiles the fields of a struct into a record.
type fieldWalk struct {
	use      usage
	record   *record
	mistakes *mistakes
	names    map[string]string // wire name to path
}

// scope is where in a struct the walk is.
type scope struct {
	path   string // for mistakes: arena.Ship.Pos
	prefix string // of wire names: "pos."
	offset uintptr
	tag    string // inherited from an outer struct field
	synced bool   // an outer field has a tag
}

// compileRecord compiles a struct type, reporting mistakes.
func compileRecord(t reflect.Type, use usage, m *mistakes) *record {
	w := &fieldWalk{use: use, record: &record{}, mistakes: m, names: make(map[string]string)}
	if t.Kind() != reflect.Struct {
		m.add(t.String(), "is not a struct", "a struct with one field for the value")
		return w.record
	}
	w.fields(t, scope{path: t.String()})
	return w.record
}

func (w *fieldWalk) fields(t reflect.Type, s scope) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Name != "_" {
			w.field(f, s)
		}
	}
}

// field compiles one field of a struct, if it travels.
func (w *fieldWalk) field(f reflect.StructField, s scope) {
	path := s.path + "." + f.Name
	if w.mistakes.malformed(path, f) {
		return
	}
	text, tagged := lookupTag(f)
	if !tagged && s.synced {
		text, tagged = s.tag, f.IsExported()
	}
	in := scope{
		path: path, prefix: s.prefix + wireName(f.Name) + ".", offset: s.offset + f.Offset,
		tag: text, synced: tagged,
	}
	if f.Anonymous && f.Type.Kind() == reflect.Struct {
		in.prefix = s.prefix // promoted, as in Go
		w.fields(f.Type, in)
		return
	}
	switch {
	case !f.IsExported() && (tagged || w.use.payload()):
		w.mistakes.add(path, "is not exported but must travel", "an exported name, or no tag on private state")
	case !tagged && !w.use.payload():
		w.untagged(f, path)
	case f.Type.Kind() == reflect.Struct:
		w.fields(f.Type, in)
	default:
		w.value(f.Type, path, s.prefix+wireName(f.Name), in)
	}
}

// untagged reports a private struct whose fields have tags that would do nothing.
func (w *fieldWalk) untagged(f reflect.StructField, path string) {
	if f.Type.Kind() != reflect.Struct {
		return
	}
	for i := range f.Type.NumField() {
		inner := f.Type.Field(i)
		if w.mistakes.malformed(path+"."+inner.Name, inner) {
			continue
		}
		if _, tagged := lookupTag(inner); tagged {
			w.mistakes.add(path, "its fields have sync tags but it has none", "`sync:\"\"` on it too")
			return
		}
	}
}

// value compiles a field that is no struct.
func (w *fieldWalk) value(t reflect.Type, path, name string, s scope) {
	tg := parseTag(path, s.tag, w.mistakes)
	f := schema.Field{Name: name, Flags: w.flags(path, &tg)}
	element, ok := w.element(t, path, &tg, &f)
	if !ok {
		return
	}
	if other, taken := w.names[name]; taken {
		w.mistakes.add(path, fmt.Sprintf("clients would know both it and %s as %q", other, name), "another name")
		return
	}
	w.names[name] = path
	spec := fieldSpec{path: path, tag: &tg, use: w.use, mistakes: w.mistakes}
	spec.compile(element, &f)
	w.record.add(f, element, s.offset, w.use.payload())
}

// element takes arrays apart and sets the field's count.
func (w *fieldWalk) element(t reflect.Type, path string, tg *tag, f *schema.Field) (reflect.Type, bool) {
	if t.Kind() != reflect.Array || tg.has("quat") && isQuat(t) {
		return t, true
	}
	if t.Len() < 1 || t.Len() > maxArray {
		w.mistakes.add(path, fmt.Sprintf("an array of %d", t.Len()), "1 to 256 elements, or a table")
		return nil, false
	}
	f.Count = uint16(t.Len())
	element := t.Elem()
	switch {
	case element.Kind() == reflect.Struct:
		w.mistakes.add(path, "an array of structs", "one array for each field, or a table")
		return nil, false
	case element.Kind() == reflect.Array && !(tg.has("quat") && isQuat(element)):
		w.mistakes.add(path, "an array of arrays", fmt.Sprintf("one array of %d", t.Len()*element.Len()))
		return nil, false
	}
	return element, true
}

func isQuat(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 4 && t.Elem().Kind() == reflect.Float32
}

// flags translates the words of a tag and reports those that do not go together.
func (w *fieldWalk) flags(path string, tg *tag) schema.FieldFlags {
	var flags schema.FieldFlags
	add := func(word string, flag schema.FieldFlags, allowed bool) {
		if !tg.has(word) {
			return
		}
		if !allowed {
			w.mistakes.add(path, fmt.Sprintf("%q does not go with %s", word, w.use.noun()), cureFor(word))
			return
		}
		flags |= flag
	}
	add("predict", schema.FlagPredict, w.use == useTable)
	add("owner", schema.FlagOwner, w.use == useTable)
	add("once", schema.FlagOnce, !w.use.payload())
	add("lerp", schema.FlagLerp, !w.use.payload())
	add("edge", schema.FlagEdge, w.use == useInput)
	if flags&schema.FlagPredict != 0 && flags&schema.FlagOnce != 0 {
		w.mistakes.add(path, "\"predict\" and \"once\" contradict each other", "once for what never changes")
	}
	return flags
}

func (u usage) noun() string {
	switch u {
	case useSingle:
		return "a single"
	case useInput:
		return "an input"
	case useEvent:
		return "an event"
	}
	return "a table"
}
