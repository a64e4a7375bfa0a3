package swarm

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/schema"
)

// report makes the report of a run whose bots have all left.
func (s *swarm) report(ctx context.Context) report.Report {
	s.point(time.Since(s.start)-s.line.at >= shortestPoint)
	word, ticks, err := s.server.word()
	if word != nil {
		word.Spending = s.server.spending(ctx, s.settings.game)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := report.Report{
		Version: report.Version, Config: s.settings.config(s.start), Software: software(),
		Totals: s.totalsLocked(), Server: word, Timeline: s.line.points, Delta: s.sums.delta,
	}
	m, c := s.sums.measures, report.CurveOf
	r.Curves = report.Curves{
		Join: c(m.Join), Echo: c(m.Echo), Effect: c(m.Effect), Age: c(m.Age), Gap: c(m.Gap),
		Resume: c(m.Resume), Lag: c(m.Lag), Tick: c(ticks),
	}
	r.Totals.OwnCPU, r.Totals.Waited = s.own.total()
	if r.Timeline == nil {
		r.Timeline = []report.Point{}
	}
	if s.crews != nil {
		s.queueLocked(&r)
	}
	judge(&r, &s.sums, err, s.settings.conditions)
	return r
}

// queueLocked adds what became of the tickets.
func (s *swarm) queueLocked(r *report.Report) {
	l := s.crews.ledger
	wrong := l.wrong()
	for _, text := range wrong {
		s.sums.failures.add(text)
	}
	r.Queue = l.report()
	r.Totals.Faults["queue"] = l.broken() + int64(len(wrong))
}

// totalsLocked works out the totals.
func (s *swarm) totalsLocked() report.Totals {
	t, n, m, q := s.sums.totals, &s.sums.counts, s.sums.measures, report.QuantilesOf
	t.Rooms, t.Resumes = len(s.sums.rooms), n.Resumes
	t.JoinMS, t.ResumeMS, t.GapMS, t.AgeMS = q(m.Join), q(m.Resume), q(m.Gap), q(m.Age)
	t.EchoMS, t.EffectMS, t.LagMS = q(m.Echo), q(m.Effect), q(m.Lag)
	t.Due, t.Received, t.Jumped, t.Resets, t.Behind = n.Due, n.Received, n.Jumped, n.Resets, n.Behind
	t.Worst = s.sums.worst
	t.Reach = report.Ratio(float64(s.sums.covered), float64(n.Due))
	t.Frames, t.Bytes, t.TCPIn, t.TCPOut = n.Frames, n.Bytes, n.TCPIn, n.TCPOut
	t.Byes, t.ByeBytes = n.Byes, n.ByeBytes
	t.Updates, t.Entered, t.Events = n.Updates, n.Entered, n.Events
	t.BytesPerSecond = report.Ratio(float64(n.Bytes), t.Live)
	t.BytesPerUpdate = report.Ratio(float64(n.Bytes), float64(n.Updates))
	t.InView = report.Ratio(float64(n.InView), float64(n.Received))
	t.Inputs, t.Skipped, t.Applied, t.Acks, t.Hashes = n.Inputs, n.Skipped, n.Applied, n.Acks, n.Hashes
	t.Agreed = s.witness.Agreed()
	t.Faults, t.Closes = faultsOf(n), s.sums.closes
	return t
}

// config is the command line as the report has it.
func (s *settings) config(start time.Time) report.Config {
	net := ""
	if s.net != nil {
		net = s.net.Profile().String()
	}
	return report.Config{
		Args: append([]string{}, s.args...), URL: s.url, Admin: s.admin, Game: s.game, Play: s.play, Decode: s.decode,
		Bots: s.ramp.top(), Ramp: s.ramp.legs(), Seconds: s.ramp.length().Seconds(),
		Churn: s.churn, Rooms: s.rooms, PerRoom: s.perRoom, Stalled: s.stalled, Cut: s.cut,
		Think: s.thinkEvery, StallFor: s.stallFor.Seconds(),
		Storms: append([]report.Storm{}, s.storms...), Net: net, Seed: s.seed, StartedAt: start.UTC().Format(time.RFC3339),
	}
}

// software says what runs here.
func software() report.Software {
	s := report.Software{
		Go: runtime.Version(), Revision: "unknown", OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpuModel(), Cores: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0), Protocol: schema.Subprotocol,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, set := range info.Settings {
			switch set.Key {
			case "vcs.revision":
				s.Revision = set.Value
			case "vcs.modified":
				s.Modified = set.Value == "true"
			}
		}
	}
	return s
}

func because(list *[]string, format string, args ...any) {
	*list = append(*list, fmt.Sprintf(format, args...))
}
