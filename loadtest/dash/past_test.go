package dash

import (
	"testing"

	"github.com/roomtick/roomtick/loadtest/report"
)

func TestThePastIsWhatTheTimelineKnewThen(t *testing.T) {
	live := calm()
	r := &report.Report{Config: live.Config, Timeline: live.Recent, Totals: report.Totals{EchoMS: live.EchoMS, Reach: 0.5, NotIn: 3}}
	r.Config.Seconds = 120
	r.Timeline[9].Errors = map[string]int64{"gap": 2}
	r.Timeline[49].Errors = map[string]int64{"gap": 5}
	for at, want := range map[float64]struct {
		stage  string
		faults int64
		reach  float64
	}{5: {"ramp", 0, 0}, 20.5: {"ramp", 2, 0}, 60: {"ramp", 7, 0}, 70: {"hold", 7, 0}, 76: {"over", 7, 0.5}} {
		got := Past(r, at)
		if got.Stage != want.stage || got.Faults["gap"] != want.faults || got.Reach != want.reach || len(got.Recent) != min(75, int(at)) || got.Elapsed != at {
			t.Errorf("at %v s: %s, faults %v, reach %v, %d seconds", at, got.Stage, got.Faults, got.Reach, len(got.Recent))
		}
	}
}
