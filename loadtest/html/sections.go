package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/loadtest/report"
)

// section is a table at the end of the page.
type section struct {
	Title string
	Head  []string // may be empty
	Rows  [][]string
}

func sectionsOf(r *report.Report) []section {
	return slices.Concat([]section{timesOf(r), countsOf(r)}, queueOf(r.Queue), spendingsOf(r), []section{configOf(r), softwareOf(r)})
}

func timesOf(r *report.Report) section {
	t := &r.Totals
	s := section{Title: "Times in ms", Head: []string{"", "p50", "p99", "max", "measured"}}
	add := func(name string, q report.Quantiles) {
		if q.N > 0 {
			s.Rows = append(s.Rows, []string{name, short(q.P50), short(q.P99), short(q.Max), short(float64(q.N))})
		}
	}
	add("join: match request to first snapshot", t.JoinMS)
	add("input echo: intended send to acknowledgement", t.EchoMS)
	add("effect: intended send to the snapshot that shows it", t.EffectMS)
	add("snapshot age on arrival", t.AgeMS)
	add("gap between snapshots", t.GapMS)
	add("resume: end of a conn to the next snapshot", t.ResumeMS)
	add("own lag behind the schedule", t.LagMS)
	if r.Server != nil {
		add("server tick", r.Server.TickMS)
	}
	return s
}

func countsOf(r *report.Report) section {
	t := &r.Totals
	s := section{Title: "Counts", Rows: [][]string{
		{"joins", fmt.Sprintf("%d of %d, %d not let in, %d retries", t.Joined, t.Joins, t.NotIn, t.Retries)},
		{"ticks due", fmt.Sprintf("%d: %d received, %d jumped over, %d missing", t.Due, t.Received, t.Jumped, t.Missing)},
		{"longest silence", silence(&t.Worst)},
		{"frames", fmt.Sprintf("%d, %s", t.Frames, amount(float64(t.Bytes), "B"))},
		{"TCP", fmt.Sprintf("%s in, %s out", amount(float64(t.TCPIn), "B"), amount(float64(t.TCPOut), "B"))},
		{"inputs", fmt.Sprintf("%d sent, %d skipped", t.Inputs, t.Skipped)},
		{"hashes", fmt.Sprintf("%d sent, %d equal to another bot's, %d unequal", t.Hashes, t.Agreed, t.Faults["hash"])},
		{"resumes", fmt.Sprintf("%d, %d resets", t.Resumes, t.Resets)},
		{"errors", report.Counts(t.Faults)},
		{"closes by code", report.Counts(t.Closes)},
	}}
	if v := r.Server; v != nil {
		s.Rows = append(s.Rows,
			[]string{"server", fmt.Sprintf("%d frames out, %d inputs in, %d ticks skipped, %d hashes found wrong", v.Frames, v.Inputs, v.Skipped, v.Mismatches)})
		if shared, known := v.Shared(); known {
			s.Rows = append(s.Rows, []string{"deltas shared",
				fmt.Sprintf("%s were encoded for another bot already: %d encodings; %s", percent(shared), v.Encodings, report.Counts(v.Deltas))})
		}
	}
	return s
}

// queueOf is nothing if nobody queued.
func queueOf(q *report.Queue) []section {
	if q == nil {
		return nil
	}
	s := section{Title: "Queue " + q.Name, Rows: [][]string{
		{"tickets", fmt.Sprintf("%d: %d matched, %d cancelled, %d expired, %d withdrawn", q.Tickets, q.Matched, q.Cancelled, q.Expired, q.Withdrawn)},
		{"ready checks", fmt.Sprintf("%d accepted, %d declined", q.Accepted, q.Declined)},
		{"matches", fmt.Sprintf("%d, and %d tickets into rooms that lost players", q.Matches, q.Fills)},
		{"fairness", fmt.Sprintf("p50 %.2f, p10 %.2f, least %.2f", q.Fairness.P50, q.Fairness.P10, q.Fairness.Least)},
	}}
	waits := section{Title: "Waits in ms", Head: []string{"", "p50", "p99", "max", "measured"}}
	add := func(name string, v report.Quantiles) {
		waits.Rows = append(waits.Rows, []string{name, short(v.P50), short(v.P99), short(v.Max), short(float64(v.N))})
	}
	add("all tickets", q.WaitMS)
	for _, b := range q.Bands {
		add("skill "+b.Skill, b.WaitMS)
	}
	add("estimate off by", q.EstimateMS)
	return []section{s, waits}
}

// silence says which bot waited longest for a snapshot, and when.
func silence(s *report.Silence) string {
	if s.Bot == "" {
		return whoWaited(s)
	}
	return fmt.Sprintf("%s ms without a snapshot: %s; room %s", short(s.Length), whoWaited(s), s.Room)
}

func configOf(r *report.Report) section {
	c := &r.Config
	s := section{Title: "Configuration"}
	add := func(there bool, name, value string) {
		if there {
			s.Rows = append(s.Rows, []string{name, value})
		}
	}
	add(true, "command", "loadtest "+strings.Join(c.Args, " "))
	add(true, "server", c.URL)
	add(c.Admin != "", "its metrics", c.Admin)
	add(true, "game", c.Game+", "+c.Play)
	add(true, "bots", fmt.Sprintf("%d, for %s", c.Bots, moment(c.Seconds)))
	add(c.Rooms > 0, "rooms", fmt.Sprint(c.Rooms))
	add(c.PerRoom > 0, "to a room", fmt.Sprint(c.PerRoom))
	add(!c.Decode, "decode", "off: only the heads of frames were read")
	add(c.Churn > 0, "churn", fmt.Sprintf("%s %% a minute", digits(100*c.Churn)))
	add(c.Stalled > 0, "stalled", fmt.Sprint(c.Stalled))
	add(c.Cut > 0, "cut", fmt.Sprint(c.Cut))
	for _, storm := range c.Storms {
		add(true, "storm", fmt.Sprintf("%s %% at %s", digits(100*storm.Share), moment(storm.Second)))
	}
	add(c.Net != "", "network", c.Net)
	add(c.Net == "", "network", "as it is")
	add(true, "seed", fmt.Sprint(c.Seed))
	add(true, "started", c.StartedAt)
	return s
}

func softwareOf(r *report.Report) section {
	v := &r.Software
	revision := v.Revision
	if v.Modified {
		revision += " with changes"
	}
	return section{Title: "Versions", Rows: [][]string{
		{"revision", revision},
		{"protocol", v.Protocol},
		{"Go", v.Go + " " + v.OS + "/" + v.Arch},
		{"CPU", v.CPU},
		{"cores", fmt.Sprintf("%d, GOMAXPROCS %d", v.Cores, v.GOMAXPROCS)},
		{"report", fmt.Sprintf("version %d", r.Version)},
	}}
}
