package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/results"
	"github.com/roomtick/roomtick/sim"
)

// race is a game that the first player to say so wins.
type race struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[finishLine]
}

type finishLine struct {
	Crossed bool `sync:"edge"`
}

func (*race) Join(*sim.World, *sim.Player)  {}
func (*race) Leave(*sim.World, *sim.Player) {}

func (g *race) Step(w *sim.World) {
	for p := range w.Players() {
		if g.Inputs.Of(p).Crossed {
			w.Finish(map[string]string{"winner": p.Name})
		}
	}
}

// raceGame answers to the name that running.match asks for.
var raceGame = sim.Define[race](sim.Config{Name: "pool", TickRate: 50, MaxPlayers: 4})

const resultsKey = "0123456789abcdef0123456789abcdef"

// serveRaces makes this process a server of races, until it is killed.
const serveRaces = "ROOMTICK_TEST_SERVE_RACES"

// studio is the webhook of a studio.
type studio struct {
	*httptest.Server

	mu    sync.Mutex // guards the following
	open  bool
	tries int
	got   map[string]results.Result
	wrong []error
}

func newStudio(t *testing.T) *studio {
	s := &studio{got: make(map[string]results.Result)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.tries++; !s.open || err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var result results.Result
		if err := json.Unmarshal(body, &result); err != nil {
			s.wrong = append(s.wrong, err)
		}
		if err := results.Verify(r.Header.Get(results.SignatureHeader), body, time.Now(), []byte(resultsKey)); err != nil {
			s.wrong = append(s.wrong, err)
		}
		s.got[result.ID] = result
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *studio) count() (tries, got int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries, len(s.got)
}

func (s *studio) setOpen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
}

// startRaces runs a server as a process of its own and returns it with a way to kill it.
func startRaces(t *testing.T, args ...string) (*running, func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-join-rate", "0"}, args...)...)
	cmd.Env = append(os.Environ(), serveRaces+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	s := &running{}
	for lines := bufio.NewScanner(out); s.admin == "" && lines.Scan(); {
		if m := addressLine.FindStringSubmatch(lines.Text()); m != nil && m[1] == "metrics" {
			s.admin = m[2]
		} else if m != nil {
			s.url, s.ws = m[2], "ws"+strings.TrimPrefix(m[2], "http")
		}
	}
	if s.admin == "" {
		t.Fatal("the server did not start")
	}
	return s, kill
}

func TestAMatchThatItsPlayersKnowIsOverSurvivesTheServersDeath(t *testing.T) {
	to := newStudio(t)
	args := []string{"-data", t.TempDir(), "-results-url", to.URL, "-results-key", resultsKey}
	rooms := make(map[string]bool)
	for range 5 {
		s, kill := startRaces(t, args...)
		p := s.join(t, "Ada")
		p.stroke(t, 1)
		wantGoodbye(t, p, schema.CloseRoomGone)
		kill()
		rooms[p.welcome.Room] = true
	}
	to.setOpen()
	s, _ := startRaces(t, args...)
	conntest.Poll(t, "all results arrive", func() bool { _, n := to.count(); return n == 5 })
	conntest.Poll(t, "nothing waits", func() bool { _, body := get(t, s.admin+"/v1/results"); return body == "[]\n" })
	to.mu.Lock()
	defer to.mu.Unlock()
	for id, r := range to.got {
		if !rooms[r.Room] || id != results.IDOf(r.Room) || string(r.Result) != `{"winner":"Ada"}` || len(r.Players) != 1 || r.Players[0].Name != "Ada" || r.Game != "pool" || r.Tick == 0 || r.Epoch == 0 {
			t.Errorf("a result is %+v", r)
		}
	}
	if len(rooms) != 5 || len(to.wrong) > 0 {
		t.Errorf("%d rooms, %v", len(rooms), to.wrong)
	}
}

func TestResultsGoToTheProgramsFunctionAndMetricsTell(t *testing.T) {
	got := make(chan results.Result, 1)
	s := startProgram(t, Program{Games: []*sim.Definition{raceGame}, OnResult: func(_ context.Context, r results.Result) error {
		got <- r
		return nil
	}})
	p := s.join(t, "Ada")
	p.stroke(t, 1)
	wantGoodbye(t, p, schema.CloseRoomGone)
	if r := <-got; r.Room != p.welcome.Room || string(r.Result) != `{"winner":"Ada"}` {
		t.Errorf("%+v", r)
	}
	conntest.Poll(t, "metrics tell of it", func() bool {
		_, m := get(t, s.admin+"/metrics")
		return strings.Contains(m, "roomtick_results_saved_total 1\n") && strings.Contains(m, "roomtick_results_waiting 0\n") &&
			strings.Contains(m, `roomtick_result_attempts_total{receiver="function",verdict="accepted"} 1`)
	})
}

func TestTheAdminListsAndDropsResultsThatWait(t *testing.T) {
	to := newStudio(t)
	s := start(t, []*sim.Definition{raceGame}, "-results-url", to.URL, "-results-key", resultsKey)
	p := s.join(t, "Ada")
	p.stroke(t, 1)
	wantGoodbye(t, p, schema.CloseRoomGone)
	conntest.Poll(t, "the receiver is asked", func() bool { n, _ := to.count(); return n > 0 })
	var list []results.Waiting
	conntest.Poll(t, "the admin shows what the receiver said", func() bool {
		_, body := get(t, s.admin+"/v1/results")
		return json.Unmarshal([]byte(body), &list) == nil && len(list) == 1 && strings.Contains(list[0].Error, "503")
	})
	if status, _ := get(t, s.admin+"/readyz"); status != http.StatusOK {
		t.Errorf("a receiver that is away makes the node unready: %d", status)
	}
	one := s.admin + "/v1/results/" + results.IDOf(p.welcome.Room)
	if status, body := get(t, one); status != http.StatusOK || !strings.Contains(body, `"winner":"Ada"`) {
		t.Errorf("%d %s", status, body)
	}
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		req, err := http.NewRequest(http.MethodDelete, one, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := do(t, req); r.status != want {
			t.Errorf("delete answers %d, want %d", r.status, want)
		}
	}
	for path, want := range map[string]int{"/v1/results": 200, "/v1/results?after=9": 200, "/v1/results?after=x": 400} {
		if status, body := get(t, s.admin+path); status != want || want == 200 && body != "[]\n" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := get(t, s.url+"/v1/results"); status != http.StatusNotFound {
		t.Errorf("the public listener answers %d", status)
	}
}

func TestResultSettingsAreCheckedAtTheStart(t *testing.T) {
	for _, row := range []struct{ args, says string }{
		{"-results-url https://studio.example", "-results-key"},
		{"-results-url ftp://x -results-key " + resultsKey, "http or https"},
		{"-results-url https://me:secret@x -results-key " + resultsKey, "password"},
		{"-results-key short", "32 bytes"},
		{"-results-key " + resultsKey + "," + resultsKey + "," + resultsKey, "more than two"},
	} {
		if _, _, err := parseConfig(strings.Fields(row.args), nil); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want a word on %q", row.args, err, row.says)
		} else if strings.Contains(err.Error(), resultsKey) {
			t.Errorf("%s: the key is printed", row.args)
		}
	}
	c, _, err := parseConfig([]string{"-results-key", resultsKey + "," + strings.ToUpper(resultsKey)}, nil)
	if err != nil || len(c.resultsKeys) != 2 {
		t.Errorf("two keys: %v", err)
	}
}
