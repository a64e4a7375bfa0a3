package client

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
)

// Values name fields of an input or an event, as the descriptor does: bools, numbers of
// any Go type, strings. Arrays and quaternions cannot be set.
type Values map[string]any

// encode returns the payload of fields; PROTOCOL.md 8.1. Fields that values does not name
// are zero, or their least where zero is not allowed.
func (values Values) encode(fields []schema.Field) ([]byte, error) {
	var w bits.Writer

	named := 0
	for i := range fields {
		f := &fields[i]
		v, ok := values[f.Name]
		if ok {
			named++
		}
		if err := writeValue(&w, f, v); err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	if named < len(values) {
		return nil, values.unknown(fields)
	}
	return w.Bytes(), nil
}

func (values Values) unknown(fields []schema.Field) error {
	var names []string
	for i := range fields {
		names = append(names, fields[i].Name)
	}
	for name := range values {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no field %q; known are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

func writeValue(w *bits.Writer, f *schema.Field, v any) error {
	if text, ok := v.(string); ok || f.Kind == schema.KindString {
		return writeText(w, f, text, v)
	}
	x, err := number(v)
	if err != nil {
		return err
	}
	if v != nil && (f.Count > 0 || f.Kind == schema.KindQuat) {
		return fmt.Errorf("a %v of %d elements cannot be set", f.Kind, max(1, f.Count))
	}
	for range max(1, int(f.Count)) {
		writeNumber(w, f, x)
	}
	return nil
}

func writeText(w *bits.Writer, f *schema.Field, text string, v any) error {
	if f.Kind != schema.KindString || v != nil && text == "" && v != "" {
		return fmt.Errorf("%v does not fit a %v", v, f.Kind)
	}
	w.Bits(uint32(len(text)), 16)
	for i := range len(text) {
		w.Bits(uint32(text[i]), 8)
	}
	return nil
}

// writeNumber writes x, brought into the field's range.
func writeNumber(w *bits.Writer, f *schema.Field, x float64) {
	if f.Min < f.Max {
		x = min(max(x, f.Min), f.Max)
	}
	switch f.Kind {
	case schema.KindBool:
		w.Bool(x != 0)
	case schema.KindInt, schema.KindUint:
		writeWide(w, uint64(int64(x)), uint(f.Bits))
	case schema.KindFloat:
		if f.Bits == 32 {
			w.Bits(math.Float32bits(float32(x)), 32)
			return
		}
		writeWide(w, math.Float64bits(x), 64)
	case schema.KindQuantised:
		w.Bits(uint32((x-f.Min)/f.Step+0.5), uint(f.Bits))
	case schema.KindAngle:
		turns := x / (2 * math.Pi)
		units := math.Ldexp(turns-math.Floor(turns), int(f.Bits))
		w.Bits(uint32(units+0.5)&(1<<f.Bits-1), uint(f.Bits))
	case schema.KindQuat: // the identity
		w.Bits(3, 2)
		for range 3 {
			w.Bits(uint32(math.Sqrt(0.5)/f.Step+0.5), uint(f.Bits))
		}
	}
}

func number(v any) (float64, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case int:
		return float64(v), nil
	case int8:
		return float64(v), nil
	case int16:
		return float64(v), nil
	case int32:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case uint8:
		return float64(v), nil
	case uint16:
		return float64(v), nil
	case uint32:
		return float64(v), nil
	case float32:
		return float64(v), nil
	case float64:
		return v, nil
	}
	return 0, fmt.Errorf("%T is neither a bool nor a number nor a string", v)
}
