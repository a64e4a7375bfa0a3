package dash

import "charm.land/lipgloss/v2"

// Palette is the colours of a picture. The zero value has none.
type Palette struct {
	Strong, Dim, Series, Bad lipgloss.Style
}

// Colours returns the palette for terminals. They are the terminal's own colours, so
// that they can be read on a light and on a dark ground.
func Colours() Palette {
	return Palette{
		Strong: lipgloss.NewStyle().Bold(true),
		Dim:    lipgloss.NewStyle().Foreground(lipgloss.BrightBlack),
		Series: lipgloss.NewStyle().Foreground(lipgloss.Cyan),
		Bad:    lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true),
	}
}
