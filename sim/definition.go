package sim

import (
	"reflect"

	"github.com/roomtick/roomtick/schema"
)

// Definition is a game compiled for running: its descriptor and the offsets of its
// fields. It never changes after Define and is safe from any goroutine.
type Definition struct {
	cfg     Config
	err     error
	desc    *schema.Descriptor
	parts   []schema.Part
	members []member
	tables  []*tablePlan // in the order of desc.Tables
	input   *record
	events  []*record // in the order of desc.Events
	private *layout   // the game's own plain fields
	create  func() (Game, reflect.Value)
	brain   bool
	creator bool   // is one
	header  []byte // of every checkpoint
}

// Define compiles the game type G, whose pointer implements Game. It never panics:
// mistakes in the types, their tags and cfg are all in Err, each with its path and its
// cure, and a Definition with mistakes makes no instances.
func Define[G any, P interface {
	*G
	Game
}](cfg Config) *Definition {
	return compile(cfg, func() (Game, reflect.Value) {
		g := new(G)
		return P(g), reflect.ValueOf(g).Elem()
	})
}

// Name is the game's name.
func (d *Definition) Name() string { return d.cfg.Name }

// Config is the game's config with its defaults filled in.
func (d *Definition) Config() Config { return d.cfg }

// Err joins every mistake in the game's types and config; nil if there are none.
func (d *Definition) Err() error { return d.err }

// Descriptor describes the game's types on the wire. It must not be changed.
func (d *Definition) Descriptor() *schema.Descriptor { return d.desc }

// Parts are the parts and columns of the descriptor. They must not be changed.
func (d *Definition) Parts() []schema.Part { return d.parts }

// InputSize is the length of one input's payload in bytes.
func (d *Definition) InputSize() int { return d.input.payloadSize() }

// HasBrain reports whether the game can play by itself.
func (d *Definition) HasBrain() bool { return d.brain }

// ReadsOptions reports whether the game has a method Create.
func (d *Definition) ReadsOptions() bool { return d.creator }

// CheckInput refuses a payload that is no input of this game; PROTOCOL.md 8.2.
func (d *Definition) CheckInput(payload []byte) error {
	return d.input.checkPayload(payload)
}

// CheckEvent refuses what is not an event that clients of this game may send.
func (d *Definition) CheckEvent(typ uint32, payload []byte) error {
	if int64(typ) >= int64(len(d.events)) || !d.desc.Events[typ].FromClient {
		return errEventType
	}
	return d.events[typ].checkPayload(payload)
}
