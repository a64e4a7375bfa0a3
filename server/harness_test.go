package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveRaces) != "" { // a process that a test starts and kills
		Main(raceGame)
	}
	goleak.VerifyTestMain(m)
}

// pool is a game of four seats in which a player's input can go wrong on purpose.
type pool struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[stroke]
}

type swimmer struct {
	Laps uint32 `sync:""`
	Name string `sync:"once"`
}

type stroke struct {
	Kick bool `sync:"edge"`
	Boom bool `sync:"edge"` // panics
	End  bool `sync:"edge"` // ends the room
}

const (
	kick = 1 << iota
	boom
	end
)

func (g *pool) Join(_ *sim.World, p *sim.Player) {
	id, s := g.Swimmers.Spawn()
	s.Name = p.Name
	g.Swimmers.SetOwner(id, p.Seat)
}

func (g *pool) Leave(_ *sim.World, p *sim.Player) {
	if id, s := g.Swimmers.Owned(p.Seat); s != nil {
		g.Swimmers.Despawn(id)
	}
}

func (g *pool) Think(*sim.World, *sim.Player) stroke { return stroke{Kick: true} }

func (g *pool) Step(w *sim.World) {
	for p := range w.Players() {
		_, s := g.Swimmers.Owned(p.Seat)
		in := g.Inputs.Of(p)
		switch {
		case in.Boom:
			panic("boom of " + p.Name)
		case in.End:
			w.End()
		case in.Kick && s != nil:
			s.Laps++
		}
	}
}

var poolGame = sim.Define[pool](sim.Config{Name: "pool", TickRate: 50, MaxPlayers: 4})

// locked is a buffer that a server writes and a test reads.
type locked struct {
	mu sync.Mutex // guards the following
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// running is a whole server on loopback.
type running struct {
	url, ws, admin string
	out, log       *locked
	stop           context.CancelFunc // as a signal does
	ended          chan error         // Run's result
}

var addressLine = regexp.MustCompile(`(?m)^(play|listen|metrics) +(http://127[^/]+)/`)

// start runs a server of games with more settings, and stops it with the test.
func start(t *testing.T, games []*sim.Definition, args ...string) *running {
	t.Helper()
	return startProgram(t, Program{Games: games}, args...)
}

func startProgram(t *testing.T, program Program, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &running{out: new(locked), log: new(locked), stop: cancel, ended: make(chan error, 1)}
	args = append([]string{"-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-join-rate", "0", "-log", "json"}, args...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ended <- program.run(ctx, Process{Args: args, Stdout: s.out, Stderr: s.log})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		http.DefaultClient.CloseIdleConnections()
		if t.Failed() {
			t.Logf("log:\n%s", s.log)
		}
	})
	conntest.Poll(t, "the server prints its addresses", func() bool {
		select {
		case err := <-s.ended:
			t.Fatalf("Run returned %v", err)
		default:
		}
		return strings.Contains(s.out.String(), "metrics")
	})
	for _, m := range addressLine.FindAllStringSubmatch(s.out.String(), -1) {
		if m[1] == "metrics" {
			s.admin = m[2]
			continue
		}
		s.url, s.ws = m[2], "ws"+strings.TrimPrefix(m[2], "http")
	}
	return s
}

func startPool(t *testing.T, args ...string) *running {
	t.Helper()
	return start(t, []*sim.Definition{poolGame}, args...)
}

// get fetches a URL and returns status and body.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := do(t, req)
	return r.status, r.body
}

// post sends body to POST /v1/match.
func (s *running) post(t *testing.T, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.url+"/v1/match", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return do(t, req)
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, req *http.Request) reply {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(body)}
}

// reservation is the answer of POST /v1/match.
type reservation struct {
	Room, URL, Token string
	Expires          time.Time
}

// match holds a seat for name.
func (s *running) match(t *testing.T, name string) reservation {
	t.Helper()
	r := s.post(t, `{"game":"pool","name":`+quote(name)+`}`)
	if r.status != http.StatusOK {
		t.Fatalf("match: %d %s", r.status, r.body)
	}
	return decode(t, r.body)
}

func decode(t *testing.T, body string) (b reservation) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// wishFor is a plain join.
func wishFor(game *sim.Definition, name string) wish {
	return wish{search: search{game: game}, who: newJoiner(name)}
}
