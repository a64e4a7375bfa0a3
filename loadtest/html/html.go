// Package html draws a load run as one self-contained page: no request leaves it, it
// needs no network and no program but a browser, and it reads without scripts.
package html

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/roomtick/roomtick/loadtest/report"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var styleText string

//go:embed page.js
var scriptText string

// page is what the template draws.
type page struct {
	Style  template.CSS
	Script template.JS

	Title    string
	Verdict  verdict
	Tiles    []tile
	Lanes    []lane
	Axis     []tick // of time, for all lanes
	Marks    []mark // in all lanes
	Column   string // what a column of the lanes is
	Curves   curves
	Map      treemap
	Sections []section
	Readout  readout
}

// Write writes the page of a run.
func Write(w io.Writer, r *report.Report) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	times, columns, column := thin(r.Timeline)
	p := page{
		Style: template.CSS(styleText), Script: template.JS(scriptText), //nolint:gosec // our own files
		Title:   title(r),
		Verdict: verdictOf(r),
		Tiles:   tilesOf(r),
		Curves:  curvesOf(r),
		Map:     treemapOf(r),
		Column:  column,

		Sections: sectionsOf(r),
	}
	span := newSpan(times)
	p.Lanes = lanesOf(r, span, columns)
	p.Axis, p.Marks = span.axis(), span.marks(r)
	p.Readout = readoutOf(times, span, p.Lanes)
	if err := t.Execute(w, &p); err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return nil
}

func title(r *report.Report) string {
	return fmt.Sprintf("%d bots, %s", r.Config.Bots, r.Config.Game)
}
