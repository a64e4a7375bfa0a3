package sim

import (
	"fmt"
	"slices"
)

// door is what a game tells matchmaking of its room.
type door struct {
	props   []Property // ordered by name
	shut    bool
	started bool
	changes uint32
}

// SetProperty sets what matchmaking may look for, such as the map or the level; the
// creator of the room may have set some as well. To set what is set already costs
// nothing. The error says which limit of CheckProperties it breaks; nothing has changed
// then.
func (w *World) SetProperty(name string, v Value) error {
	d := &w.door
	i, found := searchProperty(d.props, name)
	if found && d.props[i].Value == v {
		return nil
	}
	p := Property{Name: name, Value: v}
	if err := p.check(); err != nil {
		return err
	}
	if !found && len(d.props) >= MaxProperties {
		return fmt.Errorf("property %s: a room has at most %d", name, MaxProperties)
	}
	d.props = slices.Clone(d.props) // others hold the old one
	if found {
		d.props[i] = p
	} else {
		d.props = slices.Insert(d.props, i, p)
	}
	d.changes++
	return nil
}

// Property returns what a property is set to. ok is false if there is none.
func (w *World) Property(name string) (v Value, ok bool) {
	i, ok := searchProperty(w.door.props, name)
	if !ok {
		return Value{}, false
	}
	return w.door.props[i].Value, true
}

// RemoveProperty takes a property away, if it is there.
func (w *World) RemoveProperty(name string) {
	d := &w.door
	if i, found := searchProperty(d.props, name); found {
		d.props = slices.Delete(slices.Clone(d.props), i, i+1)
		d.changes++
	}
}

// SetJoinable locks the room, or opens it again: a locked one takes nobody in, and
// matchmaking passes it by. Its players stay and come back as ever.
func (w *World) SetJoinable(open bool) {
	if w.door.shut == open {
		w.door.shut = !open
		w.door.changes++
	}
}

// SetStarted says that the match has begun. A room created without late join takes nobody
// in from now on, and lists show it.
func (w *World) SetStarted() {
	if !w.door.started {
		w.door.started = true
		w.door.changes++
	}
}

// Door is what a game tells matchmaking of its room.
type Door struct {
	Properties []Property // ordered by name; not to be changed
	Joinable   bool       // the game lets people in
	Started    bool       // the match has begun
	Changes    uint32     // differs whenever the rest does
}

// Door is what the game tells matchmaking of its room.
func (i *Instance) Door() Door {
	d := &i.world.door
	return Door{Properties: d.props, Joinable: !d.shut, Started: d.started, Changes: d.changes}
}
