package swarm

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/sim"
	"github.com/roomtick/roomtick/sim/arena"
)

var registered = Options{
	Games:     []*sim.Definition{arena.Game},
	Scenarios: map[string]client.Scenario{"sit": func(ctx context.Context, _ *client.Bot) error { <-ctx.Done(); return nil }},
}

func command(args ...string) (code int, stdout, stderr string) {
	var out, problems strings.Builder
	code = Run(context.Background(), registered, args, &out, &problems)
	return code, out.String(), problems.String()
}

func TestEveryWrongFlagIsReportedAtOnceAndSaysHowToWriteIt(t *testing.T) {
	code, _, stderr := command("-url", "nowhere", "-game", "arena", "-admin", "nowhere", "-ramp", "soon:5", "-stalled", "some", "-think-every", "-1",
		"-churn", "5%", "-storm", "all", "-rooms", "2", "-per-room", "3", "-decode", "maybe", "-assert", "speed>1", "-play", "nosuch",
		"-stall-for", "0s", "-json", "/nowhere/at/all.json", "-net", "rtt=fast", "extra")
	if code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	for _, want := range []string{
		"write it like -url http://127.0.0.1:8080", "write it like -admin http://127.0.0.1:8081", "30s:500", "1%", "-think-every", "5%/min", "50%@20s",
		"one of the two", "on or off", "known are join.p50", "unexpected argument \"extra\"", "-play \"nosuch\": use one of brain, wander, idle, sit",
		"-stall-for 3s", "write it like -json out.json", "rtt=80ms",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("nothing about %s in %q", want, stderr)
		}
	}
}

func TestAFlagThatCouldNotComeTrueIsRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-net blackout=1s@11s -hold 10s -ramp-over 1s": "-net blackout=1s@11s: the run is over after 11s",
		"-ramp 10s:5,10s:9":                            `corner "10s:9": there is one at that time already`,
		"-storm 50%@30s -hold 10s":                     "the run is over after 11s",
		"-hold 0s":                                     "as in -hold 10s",
		"-ramp-over -1s":                               "as in -ramp-over 10s",
		"-bots 0":                                      "as in -bots 100",
		"-stalled 1 -stall-for 9s":                     "use less, as in -stall-for 2.5s",
		"-json x -html x":                              "write them to two files",
		"-net bw=fast,rtt=1":                           "bw=256kbit or bw=2Mbit\n-net: rtt: \"1\" is not a time: write it like rtt=80ms",
		"-html -":                                      "only -json writes to standard output",
		"-play brain -decode off":                      "use -play wander",
		"-play script":                                 "use one of brain, wander, idle, sit",
	} {
		code, _, stderr := command(append(strings.Fields(args), "-url", closedPort(t), "-game", "arena")...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit code %d, %q; want %q", args, code, stderr, want)
		}
	}
	parsed(t, "-game", "arena", "-net", "blackout=30s@10s", "-hold", "10s") // it begins before the end
}

func TestWhatWasRegisteredMustNotHideWhatThereIs(t *testing.T) {
	sit := registered.Scenarios["sit"]
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Scenarios: map[string]client.Scenario{"wander": sit}}, `the scenario "wander" is called like`},
		{Options{Scenarios: map[string]client.Scenario{"script": sit}}, `the scenario "script" is called like`},
		{Options{Scenarios: map[string]client.Scenario{"circle": nil}}, `the scenario "circle" has no function`},
		{Options{Commands: []Command{{Name: "compare"}}}, `two commands "compare"`},
	} {
		var problems strings.Builder
		if code := Run(t.Context(), c.options, []string{"-h"}, io.Discard, &problems); code != exitUsage || !strings.Contains(problems.String(), c.want) {
			t.Errorf("exit code %d, %q; want %q", code, problems.String(), c.want)
		}
	}
}

func TestAnUnknownFlagIsAUsageErrorAndHelpIsNot(t *testing.T) {
	if code, _, _ := command("-swarm", "3"); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	code, _, stderr := command("-h")
	if code != exitOK || !strings.Contains(stderr, "loadtest compare a.json b.json") || !strings.Contains(stderr, ", sit") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
	if code, _, help := command("help"); code != exitOK || help != stderr {
		t.Errorf("help is not -h: exit code %d:\n%s", code, help)
	}
}

// parsed returns what a command line says.
func parsed(t *testing.T, args ...string) settings {
	t.Helper()
	var problems strings.Builder
	s, err := parse(t.Context(), append([]string{"-url", closedPort(t)}, args...), &registered, &problems)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHowBotsPlay(t *testing.T) {
	for _, c := range []struct {
		args   []string
		player client.Play
	}{
		{[]string{"-game", "arena"}, client.PlayBrain},
		{[]string{"-game", "arena", "-decode", "off"}, client.PlayWander},
		{[]string{"-game", "chess"}, client.PlayWander},
		{[]string{"-game", "chess", "-play", "idle"}, client.PlayIdle},
		{[]string{"-game", "chess", "-play", "sit"}, client.PlayScript},
	} {
		if s := parsed(t, c.args...); s.player != c.player {
			t.Errorf("%v: play %q, want %q", c.args, s.player, c.player)
		}
	}
	if code, _, stderr := command("-url", closedPort(t), "-game", "chess", "-play", "brain"); code != exitUsage || !strings.Contains(stderr, "no brain") {
		t.Errorf("a brain that is not there: exit code %d, %q", code, stderr)
	}
}

// offering is a server with these games.
func offering(t *testing.T, games string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/games" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"games":[` + games + `]}`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheServersOnlyGameIsTheDefault(t *testing.T) {
	if s := parsed(t, "-url", offering(t, `{"name":"chess"}`)); s.game != "chess" {
		t.Errorf("game %q", s.game)
	}
	code, _, stderr := command("-url", offering(t, `{"name":"tag"},{"name":"chess"}`))
	if code != exitUsage || !strings.Contains(stderr, "chess, tag") {
		t.Errorf("two games: exit code %d, %q", code, stderr)
	}
	code, _, stderr = command("-url", offering(t, `{"name":"tag"},{"name":"chess"}`), "-game", "go")
	if code != exitUsage || !strings.Contains(stderr, `no game "go"; its games are chess, tag`) {
		t.Errorf("a third game: exit code %d, %q", code, stderr)
	}
	code, _, stderr = command("-url", offering(t, "")+"/elsewhere", "-game", "chess")
	if code != exitUsage || !strings.Contains(stderr, "is it a roomtick server's public address?") {
		t.Errorf("no such page: exit code %d, %q", code, stderr)
	}
}

func TestAnAdminURLOfSomethingElseIsRefused(t *testing.T) {
	server := offering(t, `{"name":"chess"}`)
	code, _, stderr := command("-url", server, "-admin", server)
	if code != exitUsage || !strings.Contains(stderr, "/metrics answered 404 Not Found: use the admin URL that a roomtick server prints") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// closedPort is the URL of a server that is not there.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

func TestARunWithoutAServerFailsAndSaysWhyOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.json")
	code, stdout, _ := command("-url", closedPort(t), "-bots", "30", "-hold", "100ms", "-ramp-over", "0s", "-json", path)
	if busy := code == exitInvalid && strings.Contains(stdout, "another machine"); code != exitFailed && !busy {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if strings.Count(stdout, "refused") != 1 || !strings.Contains(stdout, "(x 30)") {
		t.Errorf("output:\n%s", stdout)
	}
	if strings.Contains(stdout, "reach") || strings.Contains(stdout, "own lag") {
		t.Errorf("nobody played, and yet:\n%s", stdout)
	}
	r, err := readReport(path)
	if err != nil || r.Totals.NotIn != 30 || r.Verdict.OK || r.Version != report.Version {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestCompareReadsTwoReports(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
	for path, p99 := range map[string]float64{a: 100, b: 150} {
		r := report.Report{Version: report.Version, Totals: report.Totals{EchoMS: report.Quantiles{P99: p99, N: 1}}}
		if err := writeFile(path, r.WriteJSON); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, _ := command("compare", a, b)
	if code != exitOK || !strings.Contains(stdout, "1.500") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
	if code, _, stderr := command("compare", a); code != exitUsage || !strings.Contains(stderr, "two reports") {
		t.Errorf("one report: exit code %d, %q", code, stderr)
	}
	old := filepath.Join(dir, "old.json")
	if err := os.WriteFile(old, []byte(`{"version":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command("compare", a, old); code != exitUsage || !strings.Contains(stderr, "version 2") {
		t.Errorf("an old report: exit code %d, %q", code, stderr)
	}
}

func TestASubcommandGetsTheRestOfTheLine(t *testing.T) {
	o := Options{Commands: []Command{{Name: "codec", Run: func(_ context.Context, args []string, _, _ io.Writer) int { return 40 + len(args) }}}}
	if code := Run(t.Context(), o, []string{"codec", "-trace", "x"}, io.Discard, io.Discard); code != 42 {
		t.Errorf("exit code %d", code)
	}
}
