// Package dash shows a load run on a terminal while it goes on. View draws a moment of
// it and knows nothing of terminals; Run puts the moments on one.
package dash

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"charm.land/lipgloss/v2"

	"github.com/roomtick/roomtick/loadtest/report"
)

// Widths of the columns.
const (
	minWidth   = 40
	labelWidth = 16
	valueWidth = 13
	noteWidth  = 15 // left out below wideEnough
	wideEnough = 64
)

// maxFailures bounds the lines of what went wrong, so that the picture keeps its height.
const maxFailures = 3

// View draws a moment of a run, in lines of at most width columns.
func View(l *report.Live, width int, p Palette) string {
	width = max(width, minWidth)
	v := view{live: l, width: width, palette: p}
	v.head()
	v.ramp()
	v.bots()
	v.line("")
	for _, r := range rows(l) {
		v.row(&r)
	}
	v.line("")
	v.troubles()
	return v.text.String()
}

// view is a picture being drawn.
type view struct {
	live    *report.Live
	width   int
	palette Palette
	text    strings.Builder
}

// line adds one, cut to the width.
func (v *view) line(s string) {
	v.text.WriteString(strings.TrimRight(lipgloss.NewStyle().MaxWidth(v.width).Render(s), " ") + "\n")
}

// ends adds a line with something at both ends.
func (v *view) ends(left, right string) {
	room := v.width - lipgloss.Width(left) - lipgloss.Width(right)
	v.line(left + strings.Repeat(" ", max(1, room)) + right)
}

func (v *view) head() {
	c := &v.live.Config
	stage := v.live.Stage
	if stage == "" {
		stage = "start"
	}
	what := slices.DeleteFunc([]string{c.Game, c.Play, c.URL, c.Net}, func(s string) bool { return s == "" })
	right := v.palette.Strong.Render(stage) + " " + clock(v.live.Elapsed) + " of " + clock(v.live.Seconds)
	left := printable(strings.Join(what, " · "))
	left = lipgloss.NewStyle().MaxWidth(max(1, v.width-lipgloss.Width(right)-16)).Render(left)
	v.ends(v.palette.Strong.Render("roomtick load")+"  "+v.palette.Dim.Render(left), right)
}

// ramp draws how many bots are wanted over the whole run, and below it how far it is.
func (v *view) ramp() {
	l := v.live
	wanted := make([]float64, v.width)
	for i := range wanted {
		wanted[i] = wantedAt(l.Config.Ramp, (float64(i)+0.5)/float64(v.width)*l.Seconds)
	}
	most := slices.Max(wanted)
	done := 0
	if l.Seconds > 0 {
		done = int(math.Round(float64(v.width) * min(1, l.Elapsed/l.Seconds)))
	}
	if most > 0 {
		shape := []rune(spark(wanted, 0, most))
		v.line(v.palette.Series.Render(string(shape[:done])) + v.palette.Dim.Render(string(shape[done:])))
	}
	v.line(v.palette.Series.Render(strings.Repeat("━", done)) + v.palette.Dim.Render(strings.Repeat("╌", v.width-done)))
}

// wantedAt reads a ramp, which is straight between its corners.
func wantedAt(ramp []report.RampLeg, t float64) float64 {
	n := 0.0
	for i, leg := range ramp {
		if t < leg.Second {
			if i == 0 {
				return 0
			}
			from := ramp[i-1]
			return n + (float64(leg.Bots)-n)*(t-from.Second)/(leg.Second-from.Second)
		}
		n = float64(leg.Bots)
	}
	return n
}

func (v *view) bots() {
	b := v.live.Now.Bots
	text := fmt.Sprintf("%d of %d bots live", b.Live, b.Wanted)
	if b.Joining > 0 {
		text += fmt.Sprintf(", %d joining", b.Joining)
	}
	if n := v.live.NotIn; n > 0 {
		text += ", " + v.palette.Bad.Render(fmt.Sprintf("%d not let in", n))
	}
	right := ""
	if s := v.live.Now.Server; s != nil {
		right = fmt.Sprintf("%s, %.0f MB", report.Count(s.Rooms, "room"), s.RSS)
	}
	v.ends(text, v.palette.Dim.Render(right))
}

// troubles lists what went wrong so far.
func (v *view) troubles() {
	l := v.live
	v.count("errors", report.Counts(l.Faults))
	v.count("closes", report.Counts(l.Closes))
	if l.ServerErr != "" {
		v.count("server", "not known: "+printable(l.ServerErr))
	}
	for i, f := range l.Failures {
		if i == maxFailures {
			v.line(v.palette.Dim.Render(fmt.Sprintf("%-*s and %d more", labelWidth, "", len(l.Failures)-i)))
			break
		}
		v.line(fmt.Sprintf("%-*s ", labelWidth, "") + v.palette.Bad.Render(printable(f)))
	}
}

func (v *view) count(label, text string) {
	style := v.palette.Bad
	if text == "none" {
		style = v.palette.Dim
	}
	v.line(fmt.Sprintf("%-*s ", labelWidth, label) + style.Render(text))
}

// clock writes seconds as minutes and seconds.
func clock(seconds float64) string {
	s := int(seconds)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// printable replaces what could command a terminal: a server's words are not ours.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
