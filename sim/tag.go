package sim

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// tag is a parsed sync tag. Numbers are nil if the tag does not give them.
type tag struct {
	words                           []string // the flags among the words below
	min, max, step, tolerance, bits *float64
}

// tagFlags are the words a tag may hold without a number.
func tagFlags() []string {
	return []string{"angle", "quat", "predict", "owner", "once", "lerp", "edge"}
}

// tagNumbers are the words that need one.
func tagNumbers() []string { return []string{"min", "max", "step", "tolerance", "bits"} }

func (t *tag) has(word string) bool { return slices.Contains(t.words, word) }

func (t *tag) number(word string) **float64 {
	switch word {
	case "min":
		return &t.min
	case "max":
		return &t.max
	case "step":
		return &t.step
	case "tolerance":
		return &t.tolerance
	}
	return &t.bits
}

// lookupTag returns the text of a field's sync tag and whether it has one.
func lookupTag(f reflect.StructField) (string, bool) { return f.Tag.Lookup("sync") }

// parseTag reads the text of a tag; what it does not understand it reports.
func parseTag(path, text string, m *mistakes) tag {
	var t tag
	if strings.TrimSpace(text) == "" {
		return t
	}
	for _, word := range strings.Split(text, ",") {
		t.add(path, strings.TrimSpace(word), m)
	}
	return t
}

func (t *tag) add(path, word string, m *mistakes) {
	name, value, hasValue := strings.Cut(word, "=")
	switch {
	case slices.Contains(tagFlags(), name) && !hasValue:
		if t.has(name) {
			m.add(path, fmt.Sprintf("%q is there twice", name), "it once")
			return
		}
		t.words = append(t.words, name)
	case slices.Contains(tagNumbers(), name) && hasValue:
		t.addNumber(path, name, value, m)
	case slices.Contains(tagNumbers(), name):
		m.add(path, fmt.Sprintf("%q needs a number", name), name+"=1, for example")
	case slices.Contains(tagFlags(), name):
		m.add(path, fmt.Sprintf("%q takes no value", name), name+" alone")
	default:
		m.add(path, fmt.Sprintf("unknown tag word %q", word),
			strings.Join(tagFlags(), ", ")+", "+strings.Join(tagNumbers(), "=, ")+"=")
	}
}

func (t *tag) addNumber(path, name, value string, m *mistakes) {
	v, err := strconv.ParseFloat(value, 64)
	at := t.number(name)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		m.add(path, fmt.Sprintf("%s=%s is not a number", name, value), "a decimal number")
	case *at != nil:
		m.add(path, fmt.Sprintf("%q is there twice", name), "it once")
	default:
		*at = &v
	}
}

// reject reports every word of the tag that is not among allowed.
func (t *tag) reject(path, kind string, allowed []string, m *mistakes) {
	for _, word := range t.words {
		if !slices.Contains(allowed, word) {
			m.add(path, fmt.Sprintf("%q does not go with %s", word, kind), cureFor(word))
		}
	}
	for _, word := range tagNumbers() {
		if *t.number(word) != nil && !slices.Contains(allowed, word) {
			m.add(path, fmt.Sprintf("%q does not go with %s", word+"=", kind), cureFor(word))
		}
	}
}

// cureFor says where a word belongs.
func cureFor(word string) string {
	switch word {
	case "angle":
		return "it on a float32 or float64 in radians"
	case "quat":
		return "it on a [4]float32"
	case "edge":
		return "it on a bool or an integer of the inputs"
	case "predict":
		return "it on numbers and bools of a table"
	case "owner":
		return "it on a field of a table"
	case "once":
		return "it on a field of a table or single"
	case "lerp":
		return "it on a float of a table or single"
	case "bits":
		return "it together with angle"
	case "step", "tolerance":
		return "it on a float with min, max and step, an angle or a quat"
	case "min":
		return "it on an integer, or on a float with max and step"
	}
	return "it on an integer, a string, or a float with min and step"
}
