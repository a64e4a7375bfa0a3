package sim

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/roomtick/roomtick/schema"
)

// maxInput is the longest input in bytes; eight fit a client frame beside the rest.
const maxInput = 256

// maxClientEvent is the longest event from a client in bytes, so that it fits a frame.
const maxClientEvent = 3000

// compiler builds a Definition.
type compiler struct {
	def      *Definition
	mistakes mistakes
	names    map[string]string // wire name of tables, of events: path
	inputs   int
	private  layoutWalk
	saver    bool
}

func compile(cfg Config, create func() (Game, reflect.Value)) *Definition {
	cfg = cfg.withDefaults()
	d := &Definition{
		cfg: cfg, create: create, input: &record{}, private: &layout{},
		desc: &schema.Descriptor{Game: cfg.Name},
	}
	c := &compiler{def: d, names: make(map[string]string)}
	cfg.check(&c.mistakes)
	game, value := create()
	c.game(game, value)
	if _, err := schema.ParseDescriptor(d.desc.Marshal()); err != nil && c.mistakes.err() == nil {
		c.mistakes.add(value.Type().String(), "does not fit the wire: "+err.Error(), "fewer or shorter arrays and names")
	}
	if d.err = c.mistakes.err(); d.err != nil {
		return d
	}
	d.parts = d.desc.Parts()
	for i := range d.parts {
		t := d.tables[d.parts[i].Table]
		if t.setPart(&d.parts[i]); !d.parts[i].Owner {
			t.drawn = d.drawnFields(&d.parts[i])
		}
	}
	d.header = d.appendHeader(nil)
	return d
}

// game compiles the fields of the game's struct.
func (c *compiler) game(game Game, value reflect.Value) {
	t := value.Type()
	if t.Kind() != reflect.Struct {
		c.mistakes.add(t.String(), "is not a struct", "a struct with a sim.Table and a sim.Inputs")
		return
	}
	_, c.saver = game.(Saver)
	c.private = layoutWalk{layout: c.def.private, mistakes: &c.mistakes, saver: c.saver}
	for i := range t.NumField() {
		c.member(t, i, memberAt(value, i))
	}
	switch {
	case c.inputs == 0:
		c.mistakes.add(t.String(), "has no inputs", "one field of type sim.Inputs[YourInput]")
	case c.inputs > 1:
		c.mistakes.add(t.String(), fmt.Sprintf("has %d inputs", c.inputs), "one sim.Inputs whose struct holds them all")
	}
	if len(c.def.tables) == 0 {
		c.mistakes.add(t.String(), "has no table", "at least one field of type sim.Table or sim.Single")
	}
	c.hooks(game, t)
}

// member compiles one field of the game's struct.
func (c *compiler) member(t reflect.Type, i int, v any) {
	f := t.Field(i)
	path := t.String() + "." + f.Name
	c.mistakes.malformed(path, f)
	text, tagged := lookupTag(f)
	_, table := v.(tableMember)
	in, input := v.(inputMember)
	ev, event := v.(eventMember)
	if !table && !input && !event {
		if tagged {
			c.mistakes.add(path, "a sync tag outside a table", "a sim.Single for state that players see")
		}
		if f.Name != "_" {
			c.private.field(f, cell{}, t.String())
		}
		return
	}
	if !f.IsExported() {
		c.mistakes.add(path, "is not exported", "an exported name")
	}
	if tagged && !(event && !ev.fromClient() && text == "timed") {
		c.mistakes.add(path, fmt.Sprintf("unknown tag %q", text), "`sync:\"timed\"` on a sim.Event, no tag elsewhere")
	}
	switch {
	case table:
		c.table(f, i, path, v.(tableMember))
	case input:
		c.input(i, in)
	case event:
		c.event(f, i, path, ev, text == "timed")
	}
}

func (c *compiler) table(f reflect.StructField, field int, path string, v tableMember) {
	use := useTable
	if v.single() {
		use = useSingle
	}
	name := wireName(f.Name)
	c.unique("table "+name, path)
	t := v.element()
	r := compileRecord(t, use, &c.mistakes)
	plan := &tablePlan{
		record: *r, name: name, goField: f.Name, number: len(c.def.tables), size: t.Size(), isSingle: v.single(),
	}
	plan.layout = compileLayout(t, &c.mistakes)
	for i := range plan.leaves {
		if plan.leaves[i].exact {
			plan.snapped = append(plan.snapped, &plan.leaves[i])
		}
	}
	d := c.def
	d.members = append(d.members, member{field: field, number: len(d.tables)})
	d.tables = append(d.tables, plan)
	d.desc.Tables = append(d.desc.Tables, schema.TableType{Name: name, Single: v.single(), Fields: r.fields})
}

func (c *compiler) input(field int, v inputMember) {
	c.inputs++
	if c.inputs > 1 {
		return
	}
	r := compileRecord(v.element(), useInput, &c.mistakes)
	r.layout = compileLayout(v.element(), &c.mistakes)
	if n := r.payloadSize(); n > maxInput {
		c.mistakes.add(v.element().String(), fmt.Sprintf("an input of %d bytes", n), "at most 256 bytes; ranges and steps make fields smaller")
	}
	d := c.def
	d.input, d.desc.Input = r, r.fields
	d.members = append(d.members, member{field: field})
}

func (c *compiler) event(f reflect.StructField, field int, path string, v eventMember, timed bool) {
	name := wireName(f.Name)
	c.unique("event "+name, path)
	r := compileRecord(v.element(), useEvent, &c.mistakes)
	if n := r.longestPayload(); v.fromClient() && n > maxClientEvent {
		c.mistakes.add(v.element().String(), fmt.Sprintf("up to %d bytes from a client", n), "at most 3000; max= on its strings makes it smaller")
	}
	d := c.def
	d.members = append(d.members, member{field: field, number: len(d.events)})
	d.events = append(d.events, r)
	d.desc.Events = append(d.desc.Events, schema.EventType{
		Name: name, FromClient: v.fromClient(), Timed: timed, Fields: r.fields,
	})
}

func (c *compiler) unique(name, path string) {
	if other, taken := c.names[name]; taken {
		c.mistakes.add(path, fmt.Sprintf("clients would know both it and %s as %s", other, name), "another name")
	}
	c.names[name] = path
}

// hooks finds optional methods that are there but have the wrong signature: the engine
// would never call them.
func (c *compiler) hooks(game Game, t reflect.Type) {
	c.receivers(t)
	_, creator := game.(Creator)
	_, dropper := game.(Dropper)
	_, resumer := game.(Resumer)
	c.def.creator = creator
	c.hook(t, "Create", creator, "Create(*sim.World, []byte) error")
	c.hook(t, "Drop", dropper, "Drop(*sim.World, *sim.Player)")
	c.hook(t, "Resume", resumer, "Resume(*sim.World, *sim.Player)")
	if c.inputs != 1 {
		return
	}
	at := slices.IndexFunc(c.def.members, func(m member) bool { return m.isInput(game) })
	in := memberAt(reflect.ValueOf(game).Elem(), c.def.members[at].field).(inputMember)
	in.attach(game)
	c.def.brain = in.hasBrain()
	c.hook(t, "Think", c.def.brain, fmt.Sprintf("Think(*sim.World, *sim.Player) %s", in.element()))
}

// receivers finds methods that would work on a copy of the game: whatever they set is
// lost. Save only reads, so it may.
func (c *compiler) receivers(t reflect.Type) {
	for _, name := range []string{"Join", "Leave", "Step", "Create", "Drop", "Resume", "Think", "Load"} {
		if _, onValue := t.MethodByName(name); onValue && !embeds(t, name) {
			c.mistakes.add(t.String()+"."+name, "has a value receiver, so what it sets in the game is lost",
				fmt.Sprintf("func (g *%s) %s", t.Name(), name))
		}
	}
}

// embeds reports whether the method may come from an embedded field.
func embeds(t reflect.Type, method string) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if _, has := f.Type.MethodByName(method); f.Anonymous && has {
			return true
		}
	}
	return false
}

func (m member) isInput(game Game) bool {
	_, ok := memberAt(reflect.ValueOf(game).Elem(), m.field).(inputMember)
	return ok
}

func (c *compiler) hook(t reflect.Type, name string, found bool, signature string) {
	method, ok := reflect.PointerTo(t).MethodByName(name)
	if !ok || found {
		return
	}
	if method.Type.NumIn() > 1 && method.Type.In(1) == reflect.TypeFor[*World]() {
		c.mistakes.add(t.String()+"."+name, "has another signature than the engine calls", signature)
	}
}
