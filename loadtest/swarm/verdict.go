package swarm

import (
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

const (
	// maxLag is how late the bots' own sends may be at p99. Beyond it the machine
	// that ran the bots was too busy, and what they measured is its own doing.
	maxLag = 5 * time.Millisecond

	// maxWaited is the share of the CPU time they wanted that the bots may have waited
	// for. Beyond it somebody else had the cores.
	maxWaited = 0.5

	// leastWaited is how many seconds a run takes from which on that share says something.
	leastWaited = 1

	// maxSkipped is the share of inputs that bots may leave out. Beyond it the server
	// did not have the load that the report claims.
	maxSkipped = 0.01
)

// judge gives the verdict. deaf is why the server's metrics, which were asked for,
// could not be read.
func judge(r *report.Report, t *sums, deaf error, conditions []report.Condition) {
	v := &r.Verdict
	v.Failures = []string{}
	if deaf != nil {
		because(&v.Failures, "%v", deaf)
	}
	missing(r, t)
	if r.Totals.NotIn == 0 && r.Totals.Joined == 0 {
		because(&v.Failures, "nobody got to join: the run ended first")
	}
	mismatched := r.Server != nil && r.Server.Mismatches > 0
	if mismatched {
		because(&v.Failures, "the server found %d hashes wrong", r.Server.Mismatches)
	}
	other := otherServer(r)
	if other {
		because(&v.Failures, "the server at -admin %s sent %d frames in this run and the bots received %d: it is another one than that at -url, one of several (give all, with commas between them), or was started anew",
			r.Config.Admin, r.Server.Frames, r.Totals.Frames-r.Totals.Byes)
	}
	v.Failures = append(v.Failures, t.failures.words()...)
	faults := int64(0)
	for _, n := range r.Totals.Faults {
		faults += n
	}
	v.OK = faults == 0 && r.Totals.NotIn == 0 && r.Totals.Joined > 0 && r.Totals.Short == 0 && !mismatched && !other && deaf == nil
	v.Doubts = doubts(r)
	v.Valid = len(v.Doubts) == 0
	v.Checks = []report.Assertion{}
	for i := range conditions {
		a := conditions[i].Check(r)
		v.Checks = append(v.Checks, a)
		if !a.Holds {
			v.Failed++
		}
	}
}

// otherServer reports whether the metrics cannot be those of the server that the bots
// played on: it has sent at least what they received. Goodbyes it does not count.
func otherServer(r *report.Report) bool {
	return r.Server != nil && r.Server.Frames < r.Totals.Frames-r.Totals.Byes
}

// doubts says why the run proves nothing, whatever it shows.
func doubts(r *report.Report) []string {
	all, t := []string{}, &r.Totals
	if t.LagMS.P99 > float64(maxLag.Milliseconds()) {
		because(&all, "the bots were %.1f ms behind their own schedule at p99: run fewer of them, or on another machine", t.LagMS.P99)
	}
	if t.Waited > maxWaited && r.Config.Seconds >= leastWaited {
		because(&all, "the bots waited for a core %.0f %% of the time they could have run: others keep this machine busy", 100*t.Waited)
	}
	if share := report.Ratio(float64(t.Skipped), float64(t.Inputs+t.Skipped)); share > maxSkipped {
		because(&all, "the bots left out %.1f %% of their inputs: run fewer of them, or on another machine", 100*share)
	}
	if plays := r.Config.Play == string(client.PlayBrain) || r.Config.Play == string(client.PlayWander); plays && t.Joined > 0 && t.Inputs == 0 {
		because(&all, "the bots sent no input at all")
	}
	return all
}
