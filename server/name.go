package server

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a player's name: what fits above a ship, and into a log line.
const (
	maxNameRunes = 24
	maxNameBytes = 64
	defaultName  = "Player"
)

// cleanName makes a name safe to log and to show: printable characters only, single
// spaces, bounded; defaultName if nothing is left.
func cleanName(name string) string {
	if len(name) > 4*maxNameBytes {
		name = name[:4*maxNameBytes] // the rest cannot matter
	}
	var b strings.Builder
	runes, space := 0, false
	for _, r := range name {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			continue
		}
		if space {
			b.WriteByte(' ')
			runes, space = runes+1, false
		}
		if runes >= maxNameRunes || b.Len()+utf8.RuneLen(r) > maxNameBytes {
			break
		}
		b.WriteRune(r)
		runes++
	}
	if cleaned := strings.TrimSpace(b.String()); cleaned != "" {
		return cleaned
	}
	return defaultName
}
