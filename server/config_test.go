package server

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// runWith runs the program with args and variables until it returns.
func runWith(t *testing.T, args, env []string, games ...*sim.Definition) (stdout string, code int, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	err := Run(t.Context(), Process{Args: args, Env: env, Stdout: &out, Stderr: &log}, games...)
	code = exitCode(&log, err)
	return out.String(), code, log.String()
}

func TestEveryConfigurationMistakeIsReportedAtOnce(t *testing.T) {
	_, code, stderr := runWith(t,
		[]string{"-addr", "nonsense", "-bots", "-1", "-seat-timeout=0s", "-log", "xml", "-conn", "both", "-nope", "-origins", "https://a.example/,*,HTTPS://B", "stray"},
		[]string{"ROOMTICK_MAX_ROOMS=0", "ROOMTICK_SECRET=short", "ROOMTICK_ADMIN=0.0.0.0:1", "ROOMTICK_PUBLIC_URL=ftp://x", "ROOMTICK_JOIN_RATE=NaN"},
		poolGame)
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"-addr nonsense: not an address", "-bots -1:", "-seat-timeout 0s:", "-log xml: use text or json", "-conn both: use auto, pulsed or pair", "-nope", `unexpected "stray"`,
		`"https://a.example/" is not an origin`, `"*" is not an origin`, `"HTTPS://B" is not an origin`,
		"ROOMTICK_MAX_ROOMS=0:", "ROOMTICK_SECRET=(hidden): shorter than 32", "-admin 0.0.0.0:1 is open to others; set -admin-token",
		"ROOMTICK_PUBLIC_URL=ftp://x:", "ROOMTICK_JOIN_RATE=NaN:",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no word of %q", want)
		}
	}
	if t.Failed() || strings.Contains(stderr, "short\n") {
		t.Logf("stderr:\n%s", stderr)
	}
}

func TestUnknownSettingsAreAnsweredByTheNearestOneInOneLine(t *testing.T) {
	for args, want := range map[string]string{
		"-bost 8":               "roomtick: unknown setting -bost; did you mean -bots?\n",
		"--max-room=7 -bots 1":  "roomtick: unknown setting -max-room; did you mean -max-rooms?\n",
		"-print-conf":           "roomtick: unknown setting -print-conf; did you mean -print-config?\n",
		"-xyzzy on -log text":   "roomtick: unknown setting -xyzzy; run with -help for the list\n",
		"-adr 127.0.0.1:0 -log": "roomtick: unknown setting -adr; did you mean -addr?\nroomtick: flag needs an argument: -log; run with -help for the list\n",
	} {
		if _, code, stderr := runWith(t, strings.Fields(args), nil, poolGame); code != 2 || stderr != want {
			t.Errorf("%s: exit code %d, %q", args, code, stderr)
		}
	}
}

func TestPrintConfigShowsValueAndOrigin(t *testing.T) {
	out, code, _ := runWith(t, []string{"-print-config", "-bots", "3", "-secret", testSecret},
		[]string{"ROOMTICK_BOTS=9", "ROOMTICK_MAX_ROOMS=7", "ROOMTICK_SEAT_TIMEOUT=90s", "ROOMTICK_PORT=tcp://10.0.0.1:8080", "PATH=/bin"}, poolGame)
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	rows := make(map[string][]string)
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		rows[f[0]] = f[1:]
	}
	for name, want := range map[string][]string{
		"bots":         {"3", "flag", "ROOMTICK_BOTS"},
		"max-rooms":    {"7", "env", "ROOMTICK_MAX_ROOMS"},
		"seat-timeout": {"90s", "env", "ROOMTICK_SEAT_TIMEOUT"},
		"addr":         {"127.0.0.1:8080", "default", "ROOMTICK_ADDR"},
		"origins":      {`""`, "default", "ROOMTICK_ORIGINS"},
		"secret":       {"(hidden)", "flag", "ROOMTICK_SECRET"},
	} {
		if !slices.Equal(rows[name], want) {
			t.Errorf("%s: %v; want %v", name, rows[name], want)
		}
	}
	if strings.Contains(out, testSecret) {
		t.Error("the secret is printed")
	}
}

func TestHelpListsEverySettingAndExitsZero(t *testing.T) {
	out, code, _ := runWith(t, []string{"serve", "-help"}, nil, poolGame)
	c := &config{}
	for _, s := range c.settings() {
		if !strings.Contains(out, "-"+s.name+" ") || !strings.Contains(out, s.variable()) || s.usage == "" {
			t.Errorf("help does not explain %s", s.name)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestUnknownCommandIsAUsageError(t *testing.T) {
	if _, code, stderr := runWith(t, []string{"fly"}, nil, poolGame); code != 2 || !strings.Contains(stderr, "serve") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// broken games, each with mistakes of its own.
type brokenOne struct {
	Things map[string]int
	Inputs sim.Inputs[stroke]
}

func (*brokenOne) Join(*sim.World, *sim.Player)  {}
func (*brokenOne) Leave(*sim.World, *sim.Player) {}
func (*brokenOne) Step(*sim.World)               {}

type brokenTwo struct{ Fish sim.Table[swimmer] }

func (*brokenTwo) Join(*sim.World, *sim.Player)  {}
func (*brokenTwo) Leave(*sim.World, *sim.Player) {}
func (*brokenTwo) Step(*sim.World)               {}

func TestMistakesOfEveryGameAreReportedAtOnce(t *testing.T) {
	one := sim.Define[brokenOne](sim.Config{Name: "one"})
	two := sim.Define[brokenTwo](sim.Config{Name: "two"})
	_, code, stderr := runWith(t, nil, nil, one, two, nil, poolGame, poolGame)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"server.brokenOne.Things: ", "server.brokenOne: ", "server.brokenTwo: ", "game 3 is nil", `two games are called "pool"`} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no word of %q in\n%s", want, stderr)
		}
	}
	if _, code, stderr := runWith(t, nil, nil); code != 1 || !strings.Contains(stderr, "sim.Define") {
		t.Errorf("without a game: exit code %d, %s", code, stderr)
	}
}

func TestBotsMustFitTheGame(t *testing.T) {
	if _, code, stderr := runWith(t, []string{"-bots", "4"}, nil, poolGame); code != 2 || !strings.Contains(stderr, "4 seats") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	dumb := sim.Define[stuckGame](sim.Config{Name: "dumb", MaxPlayers: 4})
	if _, code, stderr := runWith(t, []string{"-bots", "1"}, nil, dumb); code != 2 || !strings.Contains(stderr, "Think") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestAddressInUseIsAFailureThatNamesTheSetting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, code, stderr := runWith(t, []string{"-addr", l.Addr().String(), "-admin", ""}, nil, poolGame)
	if code != 1 || !strings.Contains(stderr, l.Addr().String()) || !strings.Contains(stderr, "-addr") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestStartPrintsWherePlayAdminAndMetricsAre(t *testing.T) {
	s := startPool(t)
	out := s.out.String()
	for _, want := range []string{"play     " + s.url + "/\n", "/healthz", "/readyz", "metrics  " + s.admin + "/metrics\n", "edit     harness_test.go:", "page     the demo's"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestTheDemoStartsWithFourLinesToGoOnFrom(t *testing.T) {
	s := start(t, []*sim.Definition{sim.Define[pool](sim.Config{Name: demoGame, MaxPlayers: 4})})
	conntest.Poll(t, "the lines are printed", func() bool { return strings.Contains(s.out.String(), "edit") })
	var names []string
	for line := range strings.Lines(s.out.String()) {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	if want := []string{"play", "admin", "metrics", "edit"}; !slices.Equal(names, want) {
		t.Errorf("got lines %v, want %v", names, want)
	}
}

func TestExitCodeIsZeroForNoError(t *testing.T) {
	var b bytes.Buffer
	if exitCode(&b, nil) != 0 || b.Len() > 0 {
		t.Errorf("printed %q", &b)
	}
	if exitCode(&b, errors.Join(context.Canceled, errStuck)) != 1 || strings.Count(b.String(), "roomtick: ") != 2 {
		t.Errorf("printed %q", &b)
	}
}

// fussy is a game that reads options.
type fussy struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[stroke]
}

func (*fussy) Join(*sim.World, *sim.Player)  {}
func (*fussy) Leave(*sim.World, *sim.Player) {}
func (*fussy) Step(*sim.World)               {}

func (*fussy) Create(_ *sim.World, options []byte) error {
	switch string(options) {
	case `{"boom":1}`:
		panic("boom")
	case "", `{"lanes":8}`:
		return nil
	}
	return errors.New(`use {"lanes":8}`)
}

func TestRoomOptionsThatAGameRefusesStopTheServerAtStart(t *testing.T) {
	fussyGame := sim.Define[fussy](sim.Config{Name: "fussy", MaxPlayers: 4})
	for _, c := range []struct {
		options, want string
		game          *sim.Definition
	}{
		{`{"lanes":`, "-room-options {\"lanes\":: not JSON", fussyGame},
		{`{"lanes":9}`, `use {"lanes":8}`, fussyGame},
		{`{"boom":1}`, "panicked in Create: boom", fussyGame},
		{`{"lanes":8}`, "pool takes none", poolGame},
	} {
		_, code, stderr := runWith(t, []string{"-room-options", c.options, "-addr", "127.0.0.1:0"}, nil, c.game)
		if code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %s", c.options, code, stderr)
		}
	}
	s := start(t, []*sim.Definition{fussyGame}, "-room-options", `{"lanes":8}`)
	if r := s.post(t, `{"game":"fussy"}`); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
}
