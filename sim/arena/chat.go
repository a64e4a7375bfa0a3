package arena

import (
	"strings"
	"unicode"

	"github.com/roomtick/roomtick/sim"
)

// talk passes on what players say. The engine limits how often they may.
func (a *Arena) talk() {
	for p, say := range a.Say.All() {
		if text := clean(say.Text); text != "" {
			a.Lines.Send(sim.Everyone, Line{From: p.Name, Text: text, Hue: a.pilots[p.Seat].hue})
		}
	}
}

// clean removes what could garble the lines of others, and blanks at either end.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || isInvisible(r) {
			return -1
		}
		return r
	}, text))
}

// isInvisible reports line and paragraph separators and what turns the direction of
// text, from Unicode Standard Annex 9.
func isInvisible(r rune) bool {
	return r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
}
