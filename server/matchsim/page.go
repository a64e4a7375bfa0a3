package matchsim

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var styleText string

// page is what the template draws.
type page struct {
	Style   template.CSS
	Title   string
	Class   string // of the verdict
	Word    string
	Meaning string
	What    string
	Tiles   []tile
	Heat    heat
	Charts  []chart
	Tables  []table
}

type tile struct{ Name, Value, Note string }

// chart is lines over one axis.
type chart struct {
	Title, Note, X string
	Xs, Ys         []tick
	Bands, Lines   []series
	Marks          []tick // vertical
}

type series struct{ Name, Class, Path string }

type table struct {
	Title string
	Head  []string
	Rows  [][]string
}

// heat is how many players waited so long and got so even a match.
type heat struct {
	Cells  []heatCell
	Xs, Ys []tick
	Line   string // the median fairness by wait
	Target string // where a match is even
}

type heatCell struct {
	X, Y, W, H, Opacity, Text string
}

// Geometry of all charts, in the units of their viewBoxes.
const (
	width = 1000.0
	top   = 10.0
	base  = 290.0
)

// WritePage writes the report as one page that needs nothing but a browser.
func WritePage(w io.Writer, r *Report) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	p := page{
		Style: template.CSS(styleText), //nolint:gosec // our own file
		Title: r.Game + " / " + r.Name,
		What:  fmt.Sprintf("%s players a second for %s, seed %d", number(r.Options.Rate), duration(r.Options.Seconds), r.Options.Seed),
		Tiles: tilesOf(r), Heat: heatOf(r), Tables: tablesOf(r),
	}
	p.Class, p.Word, p.Meaning = verdict(r)
	p.Charts = append(p.Charts, bySkill(r))
	if len(r.Crowds) > 0 {
		p.Charts = append(p.Charts, crowdWaits(r), crowdFairness(r))
	}
	p.Charts = append(p.Charts, timeline(r))
	if err := t.Execute(w, &p); err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	return nil
}

// What a queue is judged by: people accept half a minute, and matches that the weaker team
// wins three times of ten.
const (
	longWait   = 60.0
	unfair     = 0.3
	manyLeft   = 0.05
	fairEnough = 0.4
)

// verdict is the story in a sentence.
func verdict(r *Report) (class, word, meaning string) {
	if r.Matched == 0 {
		return "bad", "Nobody was matched", "No match was made of those who came: look at the rules, or at the size of the crowd."
	}
	word = "Half wait " + duration(r.Wait.P50) + ", nine of ten at most " + duration(r.Wait.P90)
	meaning = fmt.Sprintf("In half of the matches the weakest team wins %.0f of 100 or more, in nine of ten %.0f or more; %s leave without a match.",
		100*r.Fairness.P50, 100*r.Fairness.P10, percent(r.leftShare()))
	switch {
	case r.leftShare() > manyLeft:
		return "bad", word, meaning + " Too many leave: widen the windows faster, or ask for fewer things at once."
	case r.Fairness.P10 < unfair:
		return "doubt", word, meaning + " A tenth of the matches is decided before it begins: let the windows widen more slowly."
	case r.Wait.P90 > longWait:
		return "doubt", word, meaning + " The wait is long: let the windows widen faster."
	}
	return "good", word, meaning
}

func tilesOf(r *Report) []tile {
	tiles := []tile{
		{"players", fmt.Sprint(r.Players), fmt.Sprintf("%d matches", r.Matches)},
		{"wait, half", duration(r.Wait.P50), "mean " + duration(r.Wait.Mean)},
		{"wait, 99 of 100", duration(r.Wait.P99), "of who was matched"},
		{"weakest team wins", percent(r.Fairness.P50), "worst tenth: " + percent(r.Fairness.P10)},
		{"apart in skill", fmt.Sprintf("%.0f", r.Apart.P50), fmt.Sprintf("best to weakest ticket; 99 of 100: %.0f", r.Apart.P99)},
		{"left", percent(r.leftShare()), fmt.Sprintf("%d wait still", r.Waiting)},
	}
	if r.Latency.N > 0 {
		tiles = append(tiles, tile{"latency, half", fmt.Sprintf("%.0f ms", r.Latency.P50), fmt.Sprintf("99 of 100: %.0f ms", r.Latency.P99)})
	}
	return tiles
}

// longest is where the axis of waits ends.
func longest(r *Report) float64 { return max(10, r.Wait.P99*1.5) }

const heatColumns, heatRows = 40, 20

func heatOf(r *Report) heat {
	x := axis{low: 0.5, high: longest(r), from: 0, to: width, log: true}
	y := axis{low: 0, high: 0.5, from: base, to: top}
	var counts [heatColumns][heatRows]int
	var columns [heatColumns][]float64
	most := 1
	for _, p := range r.outcomes {
		if p.left {
			continue
		}
		i := min(heatColumns-1, int(x.at(p.wait)/width*heatColumns))
		j := min(heatRows-1, int(p.fairness*2*heatRows))
		counts[i][j]++
		most = max(most, counts[i][j])
		columns[i] = append(columns[i], p.fairness)
	}
	h := heat{
		Xs: x.ticks(waitTicks(), duration), Ys: y.ticks([]float64{0, 0.1, 0.2, 0.3, 0.4, 0.5}, percent),
		Target: coordinate(y.at(fairEnough)),
	}
	xs, ys := make([]float64, heatColumns), make([]float64, heatColumns)
	cellW, cellH := width/heatColumns, (base-top)/heatRows
	for i := range counts {
		xs[i], ys[i] = (float64(i)+0.5)*cellW, math.NaN()
		if len(columns[i]) >= 5 {
			slices.Sort(columns[i])
			ys[i] = y.at(columns[i][len(columns[i])/2])
		}
		for j, n := range counts[i] {
			if n == 0 {
				continue
			}
			h.Cells = append(h.Cells, heatCell{
				X: coordinate(float64(i) * cellW), Y: coordinate(base - float64(j+1)*cellH), W: coordinate(cellW - 0.6), H: coordinate(cellH - 0.6),
				Opacity: opacity(0.12 + 0.88*math.Sqrt(float64(n)/float64(most))),
				Text:    fmt.Sprintf("%d players", n),
			})
		}
	}
	h.Line = line(xs, ys)
	return h
}

// opacity writes a share with two digits.
func opacity(v float64) string { return fmt.Sprintf("%.2f", v) }

// bySkill shows who waits longer: those at the ends, with few of their kind.
func bySkill(r *Report) chart {
	first, last := r.BySkill[0], r.BySkill[len(r.BySkill)-1]
	x := axis{low: first.Low, high: last.High, from: 0, to: width}
	y := axis{low: 0.5, high: longest(r), from: base, to: top, log: true}
	var xs, p50, p90, p99 []float64
	place := func(b Band, v float64) float64 {
		if b.Wait.N < 5 {
			return math.NaN()
		}
		return y.at(v)
	}
	for _, b := range r.BySkill {
		xs = append(xs, x.at((b.Low+b.High)/2))
		p50, p90, p99 = append(p50, place(b, b.Wait.P50)), append(p90, place(b, b.Wait.P90)), append(p99, place(b, b.Wait.P99))
	}
	var at []float64
	for i := -2.0; i <= 2; i++ {
		at = append(at, r.Options.Mean+i*r.Options.Spread)
	}
	return chart{
		Title: "Wait by skill", X: "skill",
		Note: "Who plays as few others do waits longer. The band is from half to nine of ten.",
		Xs:   x.ticks(at, func(v float64) string { return fmt.Sprintf("%.0f", v) }), Ys: y.ticks(waitTicks(), duration),
		Bands: []series{{Class: "a", Path: area(xs, p90, p50)}},
		Lines: []series{{"half", "a", line(xs, p50)}, {"nine of ten", "c", line(xs, p90)}, {"99 of 100", "b", line(xs, p99)}},
	}
}

func crowdAxis(r *Report) (axis, []tick) {
	x := axis{low: r.Crowds[0].Rate, high: r.Crowds[len(r.Crowds)-1].Rate, from: 0, to: width, log: true}
	var at []float64
	for _, c := range r.Crowds {
		at = append(at, c.Rate)
	}
	return x, x.ticks(at, number)
}

// crowdWaits shows how large a crowd the rules need.
func crowdWaits(r *Report) chart {
	x, xs := crowdAxis(r)
	high := 10.0
	for _, c := range r.Crowds {
		high = max(high, c.P90*1.2)
	}
	y := axis{low: 0.5, high: high, from: base, to: top, log: true}
	var at, p50, p90 []float64
	for _, c := range r.Crowds {
		at, p50, p90 = append(at, x.at(c.Rate)), append(p50, y.at(max(c.P50, 0.5))), append(p90, y.at(max(c.P90, 0.5)))
	}
	return chart{
		Title: "Wait by how many come", X: "players a second",
		Note: "The same rules with fewer and with more players. The dashed line is this simulation.",
		Xs:   xs, Ys: y.ticks(waitTicks(), duration),
		Bands: []series{{Class: "a", Path: area(at, p90, p50)}},
		Lines: []series{{"half", "a", line(at, p50)}, {"nine of ten", "c", line(at, p90)}},
		Marks: []tick{{At: coordinate(x.at(r.Options.Rate))}},
	}
}

// crowdFairness shows what a larger crowd buys beside shorter waits.
func crowdFairness(r *Report) chart {
	x, xs := crowdAxis(r)
	y := axis{low: 0, high: 0.5, from: base, to: top}
	var at, half, bad, left []float64
	for _, c := range r.Crowds {
		at = append(at, x.at(c.Rate))
		half, bad, left = append(half, y.at(c.Fairness)), append(bad, y.at(c.Bad)), append(left, y.at(c.Left))
	}
	return chart{
		Title: "Fairness by how many come", X: "players a second",
		Note: "How often the weakest team wins, by the skills that the players have, not those that are believed; and the share of players who leave without a match.",
		Xs:   xs, Ys: y.ticks([]float64{0, 0.1, 0.2, 0.3, 0.4, 0.5}, percent),
		Lines: []series{{"half of the matches", "a", line(at, half)}, {"the worst tenth", "b", line(at, bad)}, {"left", "bad", line(at, left)}},
		Marks: []tick{{At: coordinate(x.at(r.Options.Rate))}},
	}
}

// timeline shows whether the queue comes to rest, or grows without end.
func timeline(r *Report) chart {
	high := 1.0
	for _, p := range r.Timeline {
		high = max(high, float64(p.Waiting))
	}
	x := axis{low: 0, high: r.Options.Seconds, from: 0, to: width}
	y := axis{low: 0, high: high * 1.1, from: base, to: top}
	var xs, waiting []float64
	for _, p := range r.Timeline {
		xs, waiting = append(xs, x.at(p.At)), append(waiting, y.at(float64(p.Waiting)))
	}
	floor := make([]float64, len(xs))
	for i := range floor {
		floor[i] = base
	}
	minutes := nice(r.Options.Seconds/60, 6)
	for i := range minutes {
		minutes[i] *= 60
	}
	return chart{
		Title: "Players who wait", X: "time", Note: "A line that comes to rest is a queue that keeps up.",
		Xs: x.ticks(minutes, duration), Ys: y.ticks(nice(high, 5), number),
		Bands: []series{{Class: "a", Path: area(xs, waiting, floor)}},
		Lines: []series{{"waiting", "a", line(xs, waiting)}},
	}
}

func tablesOf(r *Report) []table {
	q := &r.Queue
	window := func(w float64, grow, most float64) string {
		text := fmt.Sprintf("%g, and %g more each second", w, grow)
		if most > 0 {
			text += fmt.Sprintf(", up to %g", most)
		}
		return text
	}
	rules := table{Title: "Rules", Rows: [][]string{
		{"teams", fmt.Sprintf("%d of %d", q.Teams, q.TeamSize)},
		{"skill", window(q.Skill.Start, q.Skill.Grow, q.Skill.Max)},
		{"latency, ms", window(q.Latency.Start, q.Latency.Grow, q.Latency.Max)},
		{"parties", fmt.Sprintf("of at most %d", q.MaxParty)},
		{"ten of eleven", fmt.Sprintf("are won with %g more skill", q.Scale)},
	}}
	if q.MinTeamSize < q.TeamSize {
		rules.Rows = append(rules.Rows, []string{"smaller teams", fmt.Sprintf("of %d or more, after %g s", q.MinTeamSize, q.FillFor)})
	}
	for _, role := range q.Roles {
		rules.Rows = append(rules.Rows, []string{"role " + role.Name, fmt.Sprintf("%d of each team", role.Count)})
	}
	rules.Rows = append(rules.Rows, []string{"run", r.Command})
	party := table{Title: "By size of party", Head: []string{"players", "matched", "half wait", "nine of ten", "left"}}
	for _, b := range r.ByParty {
		party.Rows = append(party.Rows, []string{number(b.Low), fmt.Sprint(b.Wait.N), duration(b.Wait.P50), duration(b.Wait.P90), percent(b.Left)})
	}
	skill := table{Title: "By skill", Head: []string{"skill", "matched", "half wait", "nine of ten", "weakest wins", "left"}}
	for _, b := range r.BySkill {
		skill.Rows = append(skill.Rows, []string{
			fmt.Sprintf("%.0f to %.0f", b.Low, b.High), fmt.Sprint(b.Wait.N), duration(b.Wait.P50), duration(b.Wait.P90), percent(b.Fairness.P50), percent(b.Left),
		})
	}
	return []table{rules, party, skill}
}
