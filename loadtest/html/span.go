package html

import (
	"fmt"
	"math"

	"github.com/roomtick/roomtick/loadtest/report"
)

// maxColumns bounds the page: a longer run shows several seconds in a column.
const maxColumns = 600

// thin puts the seconds of a run into columns, and says what a column is.
func thin(timeline []report.Point) (times []float64, columns [][]report.Point, column string) {
	each := max(1, (len(timeline)+maxColumns-1)/maxColumns)
	for from := 0; from < len(timeline); from += each {
		part := timeline[from:min(from+each, len(timeline))]
		columns = append(columns, part)
		times = append(times, part[len(part)-1].T)
	}
	column = "One point a second."
	if each > 1 {
		column = fmt.Sprintf("One point for %d seconds, the worst of them.", each)
	}
	return times, columns, column
}

// span is the axis of time that all lanes share.
type span struct {
	end float64   // seconds
	xs  []float64 // of the columns
}

func newSpan(times []float64) span {
	s := span{end: 1}
	if len(times) > 0 {
		s.end = max(1, times[len(times)-1])
	}
	for _, t := range times {
		s.xs = append(s.xs, s.x(t))
	}
	return s
}

func (s *span) x(t float64) float64 { return t / s.end * laneWidth }

// axis labels the time; At is in per cent of the width.
func (s *span) axis() []tick {
	step := niceStep(s.end / 10)
	if s.end > 300 {
		step = 60 * niceStep(s.end/600)
	}
	var all []tick
	for i := 0; float64(i)*step <= s.end; i++ {
		t := float64(i) * step
		all = append(all, tick{At: coordinate(100 * t / s.end), Label: moment(t)})
	}
	return all
}

// moment writes a time of the run.
func moment(t float64) string {
	if t < 60 {
		return digits(t) + "s"
	}
	if rest := math.Mod(t, 60); rest > 0 {
		return fmt.Sprintf("%dm%ss", int(t/60), digits(rest))
	}
	return fmt.Sprintf("%dm", int(t/60))
}

// mark is something that the load test did at a moment.
type mark struct {
	At   string
	Text string
}

func (s *span) marks(r *report.Report) []mark {
	var all []mark
	for _, storm := range r.Config.Storms {
		if storm.Second <= s.end {
			all = append(all, mark{At: coordinate(s.x(storm.Second)), Text: fmt.Sprintf("%s %% cut", digits(100*storm.Share))})
		}
	}
	return all
}

// readout is what the crosshair's script reads.
type readout struct {
	Times []string     `json:"times"`
	Xs    []string     `json:"xs"`
	Lanes [][][]string `json:"lanes"` // by lane, series, column
}

func readoutOf(times []float64, s span, lanes []lane) readout {
	r := readout{Times: []string{}, Xs: []string{}, Lanes: [][][]string{}}
	for i, t := range times {
		r.Times = append(r.Times, moment(math.Round(t*10)/10))
		r.Xs = append(r.Xs, coordinate(s.xs[i]))
	}
	for _, l := range lanes {
		lines := [][]string{}
		for _, line := range l.Series {
			texts := make([]string, len(line.values))
			for i, v := range line.values {
				texts[i] = "–"
				if !math.IsNaN(v) {
					texts[i] = line.format(v)
				}
			}
			lines = append(lines, texts)
		}
		r.Lanes = append(r.Lanes, lines)
	}
	return r
}
