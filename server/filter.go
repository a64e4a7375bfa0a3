package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// maxFilter bounds how many properties one may ask for.
const maxFilter = sim.MaxProperties

// filterBody is what a room's properties must be, as JSON: {"map": "dust", "level":
// {"min": 3, "max": 5}, "tag": {"in": ["a", "b"]}}.
type filterBody map[string]any

// Schema implements huma.SchemaProvider.
func (filterBody) Schema(huma.Registry) *huma.Schema {
	most := maxFilter
	number := &huma.Schema{Type: huma.TypeNumber}
	bounds := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"min": number, "max": number}, AdditionalProperties: false}
	one, many := 1, 32
	set := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"in"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"in": {Type: huma.TypeArray, Items: valueSchema(), MinItems: &one, MaxItems: &many}},
	}
	return prepared(&huma.Schema{
		Type: huma.TypeObject, MaxProperties: &most, AdditionalProperties: &huma.Schema{AnyOf: append(valueSchema().AnyOf, bounds, set)},
		Description: `Only rooms whose properties are as asked for: {"map": "dust"}, {"level": {"min": 3, "max": 5}}, {"tag": {"in": ["a", "b"]}}.`,
	})
}

// propertiesBody is a room's properties as JSON.
type propertiesBody map[string]any

// Schema implements huma.SchemaProvider.
func (propertiesBody) Schema(huma.Registry) *huma.Schema {
	most := sim.MaxProperties
	return prepared(&huma.Schema{
		Type: huma.TypeObject, MaxProperties: &most, AdditionalProperties: valueSchema(),
		Description: "What matchmaking can look for.",
	})
}

// valueSchema is a property's value.
func valueSchema() *huma.Schema {
	most := sim.MaxPropertyText
	return &huma.Schema{AnyOf: []*huma.Schema{
		{Type: huma.TypeString, MaxLength: &most}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean},
	}}
}

// optionsBody is JSON for the game.
type optionsBody json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (o *optionsBody) UnmarshalJSON(b []byte) error {
	*o = append((*o)[:0], b...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (optionsBody) Schema(huma.Registry) *huma.Schema {
	return prepared(&huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true,
		Description: "For the game, which says what it takes and refuses what it does not.",
	})
}

// prepared readies a schema, and those within, to check values.
func prepared(s *huma.Schema) *huma.Schema {
	s.PrecomputeMessages()
	return s
}

// conditions reads a filter. The error says which property is asked for how.
func conditions(f filterBody) (map[string]directory.Condition, error) {
	if len(f) == 0 {
		return nil, nil
	}
	if len(f) > maxFilter {
		return nil, fmt.Errorf("filter: %d properties; at most %d", len(f), maxFilter)
	}
	all := make(map[string]directory.Condition, len(f))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		c, err := condition(f[name])
		if err != nil {
			return nil, fmt.Errorf("filter.%.40s: %w", name, err)
		}
		all[name] = c
	}
	return all, nil
}

func condition(v any) (c directory.Condition, err error) {
	m, ok := v.(map[string]any)
	if !ok {
		if _, err := sim.ValueOf(v); err != nil {
			return c, err
		}
		return directory.Condition{In: []any{v}}, nil
	}
	if in, ok := m["in"].([]any); ok && len(m) == 1 && len(in) > 0 {
		for _, v := range in {
			if _, err := sim.ValueOf(v); err != nil {
				return c, err
			}
		}
		return directory.Condition{In: in}, nil
	}
	for name, v := range m {
		n, isNumber := v.(float64)
		switch {
		case isNumber && name == "min":
			c.Min = &n
		case isNumber && name == "max":
			c.Max = &n
		default:
			return c, errCondition
		}
	}
	if c.Min == nil && c.Max == nil {
		return c, errCondition
	}
	return c, nil
}

var errCondition = fmt.Errorf(`not a value, {"min": number, "max": number} or {"in": [values]}`)

// properties reads what a room is to say of itself.
func properties(b propertiesBody) ([]sim.Property, error) {
	var list []sim.Property
	for _, name := range slices.Sorted(maps.Keys(b)) {
		v, err := sim.ValueOf(b[name])
		if err != nil {
			return nil, fmt.Errorf("property %.40s: %w", name, err)
		}
		list = append(list, sim.Property{Name: name, Value: v})
	}
	return list, sim.CheckProperties(list)
}

// queryFilter reads a filter from a query.
func queryFilter(text string) (map[string]directory.Condition, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var f filterBody
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, fmt.Errorf("filter: not JSON such as {\"map\":\"dust\"}")
	}
	return conditions(f)
}
