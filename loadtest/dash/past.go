package dash

import "github.com/roomtick/roomtick/loadtest/report"

// Past returns what was live t seconds into a run that is over, as far as its report
// tells: the figures of the run so far are known only at its end.
func Past(r *report.Report, t float64) report.Live {
	l := report.Live{
		Elapsed: t, Seconds: r.Config.Seconds, Stage: "hold", Config: r.Config,
		Faults: map[string]int64{}, Closes: map[int]int64{},
	}
	for i := range r.Timeline {
		p := &r.Timeline[i]
		if p.T > t {
			break
		}
		l.Now, l.Recent = *p, r.Timeline[:i+1]
		l.Joined += p.Joined
		for kind, n := range p.Errors {
			l.Faults[kind] += n
		}
		for code, n := range p.Closes {
			l.Closes[code] += n
		}
	}
	switch before, now := wantedAt(r.Config.Ramp, t-1), wantedAt(r.Config.Ramp, t); {
	case now > before:
		l.Stage = "ramp"
	case len(l.Recent) == len(r.Timeline):
		l.Stage = "over"
		l.NotIn, l.Failures = r.Totals.NotIn, r.Verdict.Failures
		l.EchoMS, l.LagMS, l.Reach = r.Totals.EchoMS, r.Totals.LagMS, r.Totals.Reach
	}
	return l
}
