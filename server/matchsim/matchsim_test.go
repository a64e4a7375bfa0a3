package matchsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/roomtick/roomtick/sim"
)

type thing struct {
	X uint8 `sync:""`
}

// board is the least of a game.
type board struct {
	Things sim.Table[thing]
	In     sim.Inputs[thing]
}

func (*board) Join(*sim.World, *sim.Player)  {}
func (*board) Leave(*sim.World, *sim.Player) {}
func (*board) Step(*sim.World)               {}

func boardWith(queues ...sim.Queue) *sim.Definition {
	return sim.Define[board](sim.Config{Name: "board", Queues: queues})
}

func duel() *sim.Queue {
	q := sim.Queue{Name: "duel", Teams: 2, TeamSize: 1}.WithDefaults()
	return &q
}

func TestTheSameSeedGivesTheSameReport(t *testing.T) {
	q, o := duel(), Options{Rate: 5, Seconds: 120, Seed: 3, Regions: []Region{{"eu", 2}, {"us", 1}}}
	text := func(o Options) string {
		r := Run("board", q, o, nil)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if diff := cmp.Diff(text(o), text(o)); diff != "" {
		t.Error(diff)
	}
	other := o
	other.Seed = 4
	if text(o) == text(other) {
		t.Error("another seed gives the same report")
	}
}

func TestEverybodyWhoComesIsAccountedFor(t *testing.T) {
	for _, q := range []sim.Queue{
		{Name: "duel", Teams: 2, TeamSize: 1},
		{Name: "trios", Teams: 2, TeamSize: 3, Roles: []sim.Role{{Name: "a", Count: 1}, {Name: "b", Count: 2}}},
		{Name: "ffa", TeamSize: 8, MinTeamSize: 2, FillFor: 5},
	} {
		q := q.WithDefaults()
		r := Run("board", &q, Options{Rate: 3, Seconds: 300, Seed: 1, Patience: 20}, nil)
		if r.Players != r.Matched+r.Left+r.Waiting || r.Matched == 0 || r.Left == 0 {
			t.Errorf("%s: %d players, %d matched, %d left, %d waiting", q.Name, r.Players, r.Matched, r.Left, r.Waiting)
		}
		if math.Abs(float64(r.Players)-900) > 150 {
			t.Errorf("%s: %d players came in 300 s at 3 a second", q.Name, r.Players)
		}
		bands := 0
		for _, b := range r.BySkill {
			bands += b.Wait.N
		}
		if bands != r.Matched || len(r.Timeline) != columns {
			t.Errorf("%s: %d in bands of skill, %d points", q.Name, bands, len(r.Timeline))
		}
	}
}

func TestNarrowWindowsBuyFairnessWithWaiting(t *testing.T) {
	narrow, wide := duel(), duel()
	narrow.Skill, wide.Skill = sim.Window{Start: 20, Grow: 2}, sim.Window{Start: 2000}
	o := Options{Rate: 2, Seconds: 600, Seed: 1, Fresh: -1}
	a, b := Run("board", narrow, o, nil), Run("board", wide, o, nil)
	if a.Fairness.P50 <= b.Fairness.P50 || a.Wait.P50 <= b.Wait.P50 {
		t.Errorf("narrow: fairness %v, wait %v; wide: %v, %v", a.Fairness.P50, a.Wait.P50, b.Fairness.P50, b.Wait.P50)
	}
}

func TestMoreWhoComeWaitLess(t *testing.T) {
	list := Sweep("board", duel(), Options{Rate: 2, Seconds: 300, Seed: 1}, nil)
	first, last := list[0], list[len(list)-1]
	if len(list) != len(crowdFactors) || first.Rate >= last.Rate || first.P90 <= last.P90 {
		t.Errorf("%+v to %+v", first, last)
	}
}

func TestCommandWritesAPageThatNeedsNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.html")
	var out, progress bytes.Buffer
	g := boardWith(sim.Queue{Name: "duel", Teams: 2, TeamSize: 1})
	if err := Command([]string{"-rate", "4", "-for", "1m", "-regions", "eu:2,us", "-out", path}, &out, &progress, true, g); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, want := range []string{"Wait against quality", "Wait by skill", "Fairness by how many come", "<path class=\"median\" d=\"M", "latency, half"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"http://", "https://", "NaN", "Inf", "<script", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(out.String(), "wait       half") || !strings.Contains(progress.String(), "100 %") {
		t.Errorf("printed %q, progress %q", out.String(), progress.String())
	}
}

func TestCommandPrintsJSON(t *testing.T) {
	var out bytes.Buffer
	if err := Command([]string{"-for", "1m", "-json", "-out", "", "-sweep=false"}, &out, io.Discard, false, boardWith(*duel())); err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Name != "duel" || r.Players == 0 || r.Wait.N != r.Matched {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestWrongFlagsSayWhatToUse(t *testing.T) {
	g := boardWith(*duel())
	for flags, want := range map[string]string{
		"-queue chess":    "there is board/duel",
		"-game chess":     "there is board/duel",
		"-parties x":      "use numbers",
		"-parties 0,1":    "somebody has to be alone",
		"-regions eu:x":   "use names and shares",
		"-rate 0":         "-rate above 0",
		"-for 1s":         "10s or more",
		"-nonsense":       "not defined",
		"-for 1m surplus": "nothing behind the flags",
	} {
		err := Command(strings.Fields(flags), io.Discard, io.Discard, false, g)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, new(usageError)) {
			t.Errorf("%s: %v; want %q", flags, err, want)
		}
	}
	if err := Command(nil, io.Discard, io.Discard, false, boardWith()); err == nil || !strings.Contains(err.Error(), "sim.Config.Queues") {
		t.Errorf("a game without queues: %v", err)
	}
}
