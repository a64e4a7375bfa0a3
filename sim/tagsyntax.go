package sim

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// malformed reports a tag that is meant for us and that Go does not find, because it is
// not written key:"value" or the key is in capitals: the field would silently be private.
func (m *mistakes) malformed(path string, f reflect.StructField) bool {
	if _, found := lookupTag(f); found || !seemsSync(string(f.Tag)) {
		return false
	}
	m.add(path, fmt.Sprintf("malformed tag `%s`", f.Tag), fmt.Sprintf("`sync:%q`", meantWords(string(f.Tag))))
	return true
}

// seemsSync reports whether a tag has a key like sync, or is malformed and says sync.
func seemsSync(tag string) bool {
	for tag = strings.TrimLeft(tag, " ,;"); tag != ""; tag = strings.TrimLeft(tag, " ,;") {
		key, rest, ok := strings.Cut(tag, ":")
		value, err := strconv.QuotedPrefix(rest)
		if strings.EqualFold(strings.TrimSpace(key), "sync") {
			return true
		}
		if !ok || err != nil {
			return strings.Contains(strings.ToLower(tag), "sync")
		}
		tag = rest[len(value):]
	}
	return false
}

// meantWords guesses the words of a malformed tag.
func meantWords(tag string) string {
	found := regexp.MustCompile(`(?i)sync["']?\s*[:=]?\s*["']?([^"']*)`).FindStringSubmatch(tag)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(found[1])
}
