package html

import (
	"fmt"
	"math"
	"strconv"

	"github.com/roomtick/roomtick/loadtest/report"
)

// verdict is what stands large at the top.
type verdict struct {
	Word    string
	Class   string
	Meaning string
	Reasons []string
	Checks  []check
}

type check struct {
	Text, Found string
	Holds       bool
}

func verdictOf(r *report.Report) verdict {
	v := verdict{Word: r.Verdict.Word()}
	switch v.Word {
	case "ok":
		v.Word, v.Class = "PASSED", "good"
		v.Meaning = "Every bot was served, and the bots kept their own schedule: the figures count."
	case "INVALID":
		v.Class, v.Meaning = "doubt", "The bots could not do their part. These figures say nothing about the server."
	case "FAILED":
		v.Class, v.Meaning = "bad", "The server did not give every bot what it was due."
	default:
		v.Class = "bad"
		v.Meaning = fmt.Sprintf("The run is valid, but %d of %d assertions do not hold.", r.Verdict.Failed, len(r.Verdict.Checks))
	}
	v.Reasons = append(v.Reasons, r.Verdict.Doubts...)
	for _, failure := range r.Verdict.Failures {
		if !r.Verdict.Valid {
			failure += " (may be the bots' own doing)"
		}
		v.Reasons = append(v.Reasons, failure)
	}
	for _, a := range r.Verdict.Checks {
		v.Checks = append(v.Checks, check{Text: a.Text, Found: short(a.Value), Holds: a.Holds})
		if a.Value > 0.9 && a.Value < 1 {
			v.Checks[len(v.Checks)-1].Found = share(a.Value) // 0.9987 is not 1
		}
	}
	return v
}

// tile is a figure to be seen first.
type tile struct {
	Name, Value, Unit, Note string
	Bad                     bool
}

// Limits beyond which a tile is marked.
const (
	maxLag   = 5     // ms at p99: the bots' own schedule
	lowReach = 0.999 // of the ticks due

	// maxSilence in ms is when a player sees that something stands still.
	maxSilence = 1000
)

func tilesOf(r *report.Report) []tile {
	t := &r.Totals
	all := []tile{
		{Name: "bots", Value: strconv.FormatInt(t.Joined, 10), Note: fmt.Sprintf("in %s, %d not let in", report.Count(t.Rooms, "room"), t.NotIn), Bad: t.NotIn > 0},
		{Name: "reach", Value: share(t.Reach), Note: fmt.Sprintf("of %s ticks due", short(float64(t.Due))), Bad: t.Reach < lowReach},
		{Name: "echo p99", Value: short(t.EchoMS.P99), Unit: "ms", Note: fmt.Sprintf("p50 %s, max %s", short(t.EchoMS.P50), short(t.EchoMS.Max))},
		{Name: "age p99", Value: short(t.AgeMS.P99), Unit: "ms", Note: "of a snapshot, p50 " + short(t.AgeMS.P50)},
		{Name: "longest silence", Value: short(t.Worst.Length), Unit: "ms", Note: whoWaited(&t.Worst), Bad: t.Worst.Length > maxSilence},
		{Name: "bytes a bot", Value: short(t.BytesPerSecond), Unit: "B/s", Note: bytesNote(r)},
	}
	if s := r.Server; s != nil {
		all = append(all, tile{
			Name: "server tick p99", Value: short(s.TickMS.P99), Unit: "ms",
			Note: fmt.Sprintf("%s cores, %s MB", short(s.CPU), short(s.MaxRSS)),
		})
	}
	return append(all, tile{
		Name: "own lag p99", Value: short(t.LagMS.P99), Unit: "ms",
		Note: fmt.Sprintf("%s cores; up to %d ms is valid", short(t.OwnCPU), maxLag), Bad: t.LagMS.P99 > maxLag,
	})
}

// amount writes a number with its unit.
func amount(v float64, unit string) string { return short(v) + " " + unit }

// bytesNote is what an update was, if the deltas were read.
func bytesNote(r *report.Report) string {
	if !r.Config.Decode {
		return "deltas were not read"
	}
	return amount(r.Totals.BytesPerUpdate, "B an update")
}

// whoWaited names the bot of the longest silence.
func whoWaited(s *report.Silence) string {
	if s.Bot == "" {
		return "nobody played"
	}
	return fmt.Sprintf("%s, from %s on", s.Bot, moment(math.Round(10*s.From)/10))
}
