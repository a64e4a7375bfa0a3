package sim

import (
	"errors"
	"fmt"
	"reflect"
)

// mistakes collects what is wrong with a game's types, so that the author sees all of
// it at once.
type mistakes struct {
	errs []error
	seen map[string]bool // a struct used in two tables reports its mistakes once
}

// add reports what is wrong at path and what to use instead.
func (m *mistakes) add(path, wrong, use string) {
	text := fmt.Sprintf("%s: %s; use %s", path, wrong, use)
	if m.seen[text] {
		return
	}
	if m.seen == nil {
		m.seen = make(map[string]bool)
	}
	m.seen[text] = true
	m.errs = append(m.errs, errors.New(text))
}

// err joins the mistakes, or is nil if there are none.
func (m *mistakes) err() error { return errors.Join(m.errs...) }

// kindNoun names a Go kind with its article.
func kindNoun(k reflect.Kind) string {
	switch k {
	case reflect.Pointer:
		return "a pointer"
	case reflect.Interface, reflect.Int:
		return "an " + k.String()
	}
	return "a " + k.String()
}
