package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Limits of a room's properties: each node holds those of all rooms, and looks through
// them at every join.
const (
	MaxProperties   = 16
	MaxPropertyText = 64 // bytes
	maxPropertyName = 32 // bytes
)

// Value is what a property of a room is set to: a text, a number or a flag. Values are
// compared with ==. The zero Value is none of them.
type Value struct {
	kind   valueKind
	number float64 // a flag that is true is 1
	text   string
}

type valueKind uint8

const (
	valueNone valueKind = iota
	valueText
	valueNumber
	valueFlag
)

// Text is a text value.
func Text(s string) Value { return Value{kind: valueText, text: s} }

// Number is a number value.
func Number(n float64) Value {
	return Value{kind: valueNumber, number: n + 0} // -0 is 0
}

// Flag is a flag value.
func Flag(on bool) Value { return Value{kind: valueFlag, number: float64(boolByte(on))} }

// AsText returns the text of a text value.
func (v Value) AsText() (s string, ok bool) { return v.text, v.kind == valueText }

// AsNumber returns the number of a number value.
func (v Value) AsNumber() (n float64, ok bool) { return v.number, v.kind == valueNumber }

// AsFlag returns the flag of a flag value.
func (v Value) AsFlag() (on, ok bool) { return v.number != 0, v.kind == valueFlag }

// Any is the value as encoding/json has it: a string, a float64, a bool or nil.
func (v Value) Any() any {
	switch v.kind {
	case valueText:
		return v.text
	case valueNumber:
		return v.number
	case valueFlag:
		return v.number != 0
	}
	return nil
}

// ValueOf is the value of a string, a float64 or a bool that a property can be set to.
func ValueOf(a any) (Value, error) {
	v := Value{}
	switch a := a.(type) {
	case string:
		v = Text(a)
	case float64:
		v = Number(a)
	case bool:
		v = Flag(a)
	}
	return v, v.check()
}

var errValue = errors.New("not a text of at most 64 bytes, a number or a flag")

func (v Value) check() error {
	if v.kind == valueNone || len(v.text) > MaxPropertyText || math.IsNaN(v.number) || math.IsInf(v.number, 0) {
		return errValue
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.Any()) }

// Property is something that matchmaking may look for in a room, such as its map.
type Property struct {
	Name  string
	Value Value
}

// CheckProperties reports what is wrong with the properties of a room: there are at most
// 16, each once, with names of 1 to 32 letters, digits, dashes and underscores.
func CheckProperties(props []Property) error {
	if len(props) > MaxProperties {
		return fmt.Errorf("%d properties; a room has at most %d", len(props), MaxProperties)
	}
	seen := make(map[string]bool, len(props))
	for _, p := range props {
		if err := p.check(); err != nil {
			return err
		}
		if seen[p.Name] {
			return fmt.Errorf("property %s is there twice", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

func (p Property) check() error {
	if !validPropertyName(p.Name) {
		return fmt.Errorf("property %.40q: not a name; use 1 to %d letters, digits, dashes and underscores", p.Name, maxPropertyName)
	}
	if err := p.Value.check(); err != nil {
		return fmt.Errorf("property %s: %w", p.Name, err)
	}
	return nil
}

func validPropertyName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= maxPropertyName
}

// searchProperty returns where a name is in properties that are ordered by name, or
// would be.
func searchProperty(props []Property, name string) (int, bool) {
	return slices.BinarySearchFunc(props, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
}
