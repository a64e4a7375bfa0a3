package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

func TestMatchAnswersRoomURLTokenAndExpiry(t *testing.T) {
	s := startPool(t)
	before := time.Now()
	b := s.match(t, "Ada")
	if want := s.ws + "/v1/rooms/" + b.Room + "/ws"; b.URL != want {
		t.Errorf("url is %s; want %s", b.URL, want)
	}
	if len(b.Room) < 26 || b.Token == "" {
		t.Errorf("room %q, token %q", b.Room, b.Token)
	}
	if life := b.Expires.Sub(before); life < 29*time.Second || life > 40*time.Second {
		t.Errorf("expires in %v", life)
	}
	if strings.Contains(b.URL, b.Token) {
		t.Error("the token is in the URL")
	}
}

func TestMatchNamesThePublicURL(t *testing.T) {
	s := startPool(t, "-public-url", "https://play.example/game/")
	if b := s.match(t, "Ada"); b.URL != "wss://play.example/game/v1/rooms/"+b.Room+"/ws" {
		t.Errorf("url is %s", b.URL)
	}
}

// Every refusal of a join names a code for programs and a cure for people.
func TestBadJoinsAreProblemsWithACure(t *testing.T) {
	s := startPool(t, "-max-rooms", "1")
	full := s.match(t, "first").Room
	for range 3 {
		s.match(t, "more") // the room is full now
	}
	rows := []struct {
		name, body string
		header     []string
		status     int
		code       string
		hint       string // part of it
	}{
		{"unknown game", `{"game":"chess","name":"Ada"}`, nil, 404, "unknown-game", "pool"},
		{"no game", `{"name":"Ada"}`, nil, 422, "bad-body", "Send a JSON object"},
		{"unknown field", `{"game":"pool","colour":"Ada"}`, nil, 422, "bad-body", "Send a JSON object"},
		{"wrong type", `{"game":7}`, nil, 422, "bad-body", "Send a JSON object"},
		{"null", `null`, nil, 422, "bad-body", "Send a JSON object"},
		{"array", `[]`, nil, 422, "bad-body", "Send a JSON object"},
		{"bad JSON", `{"game":"pool"`, nil, 400, "bad-body", "Send a JSON object"},
		{"two values", `{"game":"pool"} {}`, nil, 400, "bad-body", "Send a JSON object"},
		{"nothing", ``, nil, 400, "bad-body", "Send a JSON object"},
		{"a form", `game=pool`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "not-json", "application/json"},
		{"a deep body", `{"game":"pool","filter":{"a":` + strings.Repeat("[", 1500) + strings.Repeat("]", 1500) + `}}`, nil, 422, "bad-body", "Send a JSON object"},
		{"a field of another name", `{"game":"pool","admin":true}`, nil, 422, "bad-body", "Send a JSON object"},
		{"negative latency", `{"game":"pool","latencies":{"eu":-1},"sort":"latency"}`, nil, 422, "bad-wish", "Measure"},
		{"1 MB name", `{"game":"pool","name":"` + strings.Repeat("A", 1<<20) + `"}`, nil, 413, "body-too-large", "4 KB"},
		{"cross-site", `{"game":"pool"}`, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403, "origin", "-origins"},
		{"other origin", `{"game":"pool"}`, []string{"Origin", "https://evil.example"}, 403, "origin", "-origins"},
		{"null origin", `{"game":"pool"}`, []string{"Origin", "null"}, 403, "origin", "-origins"},
		{"unknown room", `{"game":"pool","room":"NOSUCHROOM"}`, nil, 404, "unknown-room", "/v1/rooms"},
		{"full room", `{"game":"pool","room":"` + full + `"}`, nil, 409, "room-full", "Leave out"},
		{"full server", `{"game":"pool"}`, nil, 503, "server-full", "-max-rooms"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := s.post(t, row.body, row.header...)
			p := wantProblem(t, r, row.status, row.code)
			if !strings.Contains(strings.ToLower(p.Hint), strings.ToLower(row.hint)) {
				t.Errorf("hint %q does not say %q", p.Hint, row.hint)
			}
			if len(r.body) > 2000 {
				t.Errorf("answer of %d bytes", len(r.body))
			}
			retry, err := strconv.Atoi(r.header.Get("Retry-After"))
			if again := row.status == 503 || row.status == 409; again != (err == nil && retry > 0) {
				t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
			}
		})
	}
}

func wantProblem(t *testing.T, r reply, status int, code string) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%d %q: %v", r.status, r.body, err)
	}
	if r.status != status || p.Status != status || p.Code != code {
		t.Errorf("got %d %s; want %d %s", r.status, r.body, status, code)
	}
	if ct := r.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("Content-Type %q", ct)
	}
	if p.Title == "" || p.Detail == "" || p.Hint == "" {
		t.Errorf("incomplete: %s", r.body)
	}
	return p
}

func TestBadJoinNamesTheFieldThatIsWrong(t *testing.T) {
	s := startPool(t)
	body := s.post(t, `{"game":7,"colour":"secret value"}`).body
	for _, want := range []string{"body.game", "expected string", "colour"} {
		if !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", body, want)
		}
	}
	if strings.Contains(body, "secret value") {
		t.Error("the value is repeated")
	}
}

func TestUnknownPathsAndMethodsOfTheAPIAreProblems(t *testing.T) {
	s := startPool(t)
	for _, row := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/v1/match", 405, "method", "POST"},
		{"DELETE", "/v1/rooms", 405, "method", "GET"},
		{"POST", "/v1/games", 405, "method", "GET"},
		{"POST", "/v1/rooms/X/ws", 405, "method", "GET"},
		{"GET", "/v1/nothing", 404, "not-found", ""},
		{"GET", "/v2", 404, "not-found", ""},
	} {
		req, err := http.NewRequest(row.method, s.url+row.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := do(t, req)
		wantProblem(t, r, row.status, row.code)
		if got := r.header.Get("Allow"); got != row.allow {
			t.Errorf("%s %s: Allow %q; want %q", row.method, row.path, got, row.allow)
		}
	}
}

// slowDirectory takes a second to give a room out.
type slowDirectory struct{ directory.Directory }

func (d slowDirectory) Acquire(ctx context.Context, room, node string, floor uint64) (directory.Owner, error) {
	time.Sleep(time.Second)
	return d.Directory.Acquire(ctx, room, node, floor)
}

func TestJoinersWhoFindNoRoomTogetherShareTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{})
		n.dir = slowDirectory{n.dir}
		rooms := make(map[string]int)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 8 { // four a room
			wg.Go(func() {
				g, err := n.match(t.Context(), wishFor(poolGame, "Ada"))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				rooms[g.room]++
			})
		}
		wg.Wait()
		for id, seats := range rooms {
			if seats != 4 {
				t.Errorf("room %s has %d of the 8 joiners", id, seats)
			}
		}
		if opened := len(n.all()); opened != 2 {
			t.Errorf("%d rooms were opened", opened)
		}
	})
}

func TestSeatsBeingReservedAreNotOfferedTwice(t *testing.T) {
	n := newTestNode(t, config{})
	h, err := n.open(t.Context(), plan{game: poolGame, keep: true})
	if err != nil {
		t.Fatal(err)
	}
	for free := 4; free >= 0; free-- {
		got, contested := n.pick(&search{game: poolGame})
		if (got == h) != (free > 0) || contested != (free == 0) {
			t.Errorf("%d seats free: picked %v, contested %v", free, got, contested)
		}
	}
}

func TestJoinStormSeatsEverybody(t *testing.T) {
	s := startPool(t)
	const joiners = 40
	var wg sync.WaitGroup
	for range joiners {
		wg.Go(func() {
			b := s.match(t, "Ada")
			p, err := dial(t, b.URL, "seat."+b.Token)
			if err != nil {
				t.Error(err)
				return
			}
			p.play(t)
		})
	}
	wg.Wait()
	_, metrics := get(t, s.admin+"/metrics")
	for _, want := range []string{"roomtick_players 40\n", "roomtick_rooms 10\n"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestRoomsAreListedWithTheirSeats(t *testing.T) {
	s := startPool(t, "-bots", "2")
	s.join(t, "Ada")
	s.match(t, "Bob")
	_, body := get(t, s.url+"/v1/rooms")
	var list struct{ Rooms []roomInfo }
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Rooms) != 1 {
		t.Fatalf("%s", body)
	}
	got := list.Rooms[0]
	if got.Tick == 0 {
		t.Error("tick is 0")
	}
	want := roomInfo{
		Room: got.Room, Game: "pool", Players: 1, Bots: 2, Reserved: 1, Max: 4, Tick: got.Tick, TickRate: 50,
		Created: got.Created, Joinable: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, body := get(t, s.url+"/v1/rooms?game=chess"); strings.TrimSpace(body) != `{"rooms":[]}` {
		t.Errorf("rooms of another game: %s", body)
	}
}

func TestLongListsOfRoomsComeInPages(t *testing.T) {
	n := newTestNode(t, config{})
	for range 5 {
		if _, err := n.open(t.Context(), plan{game: poolGame, keep: true}); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	in := roomsInput{Limit: 2}
	for page := 1; ; page++ {
		out, err := n.roomsHTTP(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Body.Rooms {
			seen = append(seen, r.Room)
		}
		if in.After = out.Body.Next; in.After == "" {
			if page != 3 {
				t.Errorf("%d pages", page)
			}
			break
		}
	}
	if len(seen) != 5 || !slices.IsSorted(seen) || len(slices.Compact(seen)) != 5 {
		t.Errorf("listed %v", seen)
	}
}

func TestListWithABadLimitIsAProblem(t *testing.T) {
	s := startPool(t)
	for _, query := range []string{"limit=0", "limit=1001", "limit=x"} {
		req, err := http.NewRequest(http.MethodGet, s.url+"/v1/rooms?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantProblem(t, do(t, req), 422, "bad-query")
	}
}

func TestGamesAreListedInTheOrderTheyWereGiven(t *testing.T) {
	dumb := sim.Define[stuckGame](sim.Config{Name: "dumb", MaxPlayers: 4})
	s := start(t, []*sim.Definition{poolGame, dumb})
	status, body := get(t, s.url+"/v1/games")
	want := `{"games":[{"name":"pool","maxPlayers":4,"tickRate":50,"bots":true},{"name":"dumb","maxPlayers":4,"tickRate":20,"bots":false}]}`
	if status != 200 || strings.TrimSpace(body) != want {
		t.Errorf("%d: got %s, want %s", status, body, want)
	}
}

func TestOpenAPIDescribesEveryAnswer(t *testing.T) {
	s := startPool(t)
	status, body := get(t, s.url+"/openapi.json")
	var spec struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ Responses map[string]any }
	}
	if err := json.Unmarshal([]byte(body), &spec); err != nil || status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	if !strings.HasPrefix(spec.OpenAPI, "3.1") || len(spec.Paths) != 7 {
		t.Errorf("OpenAPI %s with %d paths", spec.OpenAPI, len(spec.Paths))
	}
	for _, code := range []string{"200", "400", "403", "404", "409", "413", "415", "422", "429", "503"} {
		if spec.Paths["/v1/match"]["post"].Responses[code] == nil {
			t.Errorf("POST /v1/match does not describe %s", code)
		}
	}
	if spec.Paths["/v1/games"]["get"].Responses["200"] == nil {
		t.Error("GET /v1/games is not described")
	}
	if strings.Contains(body, "ErrorModel") || !strings.Contains(body, `"hint"`) {
		t.Error("problems are described by another type")
	}
}

func TestJoinsFromOneAddressAreLimited(t *testing.T) {
	s := startPool(t, "-join-rate", "1")
	limited := 0
	for range 15 {
		r := s.post(t, `{"game":"chess"}`)
		if r.status != http.StatusTooManyRequests {
			continue
		}
		limited++
		wantProblem(t, r, 429, "too-many-requests")
		if r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	if limited < 3 || limited > 5 {
		t.Errorf("%d of 15 at once were refused; 10 are allowed", limited)
	}
}

func TestNamesReachTheLogAsOneCappedLine(t *testing.T) {
	s := startPool(t)
	s.join(t, "Eve\n{\"level\":\"ERROR\"}\x1b[31m"+strings.Repeat("x", 3000))
	conntest.Poll(t, "the join is logged", func() bool { return strings.Contains(s.log.String(), "player joined") })
	for line := range strings.Lines(s.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("not a line of JSON: %q", line)
		}
		if name, ok := entry["name"].(string); ok && (len(name) > maxNameBytes || strings.ContainsAny(name, "\n\x1b")) {
			t.Errorf("name %q", name)
		}
	}
}
