package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/identity"
	"github.com/roomtick/roomtick/sim"
)

// poolOfQueues is pool with queues.
var poolOfQueues = sim.Define[pool](sim.Config{Name: "pool", TickRate: 50, MaxPlayers: 4, Queues: []sim.Queue{
	{Name: "duel", Teams: 2, TeamSize: 1},
	{Name: "pairs", Teams: 2, TeamSize: 2, Accept: 60},
	{Name: "hasty", Teams: 2, TeamSize: 1, Accept: 0.3},
	{Name: "short", Teams: 2, TeamSize: 1, Life: 0.3},
	{Name: "open", Teams: 2, TeamSize: 1, Backfill: true},
	{Name: "solo", Teams: 4, TeamSize: 1, Skill: sim.Window{Start: 0.001}, Doubt: -1, Rules: loners{}},
	{Name: "roles", Teams: 1, TeamSize: 2, Roles: []sim.Role{{Name: "swim", Count: 1}, {Name: "dive", Count: 1}}},
}})

// loners never meet.
type loners struct{}

func (loners) Fits(_, _ *sim.Ticket) bool                 { return false }
func (loners) Quality(_ *sim.Queue, _ *sim.Match) float64 { return 1 }

func startQueues(t *testing.T, args ...string) *running {
	t.Helper()
	return start(t, []*sim.Definition{poolOfQueues}, args...)
}

// queuer is a client with a ticket.
type queuer struct {
	s              *running
	ticket, secret string
}

// call sends a request of the queuer.
func (q *queuer) call(t *testing.T, method, path, body string) reply {
	t.Helper()
	req, err := http.NewRequest(method, q.s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Ticket-Secret", q.secret)
	return do(t, req)
}

// enqueue waits in a queue.
func (s *running) enqueue(t *testing.T, body string) *queuer {
	t.Helper()
	q := &queuer{s: s}
	r := q.call(t, http.MethodPost, "/v1/tickets", body)
	if r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	var out struct{ Ticket, Secret string }
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || out.Ticket == "" || out.Secret == "" {
		t.Fatalf("%v: %s", err, r.body)
	}
	q.ticket, q.secret = out.Ticket, out.Secret
	return q
}

func (q *queuer) path(what string) string { return "/v1/tickets/" + q.ticket + what }

func (q *queuer) look(t *testing.T, query string) ticketBody {
	t.Helper()
	r := q.call(t, http.MethodGet, q.path(query), "")
	return ticketOf(t, r)
}

func ticketOf(t *testing.T, r reply) (b ticketBody) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// until waits until the ticket has a state.
func (q *queuer) until(t *testing.T, state string) (b ticketBody) {
	t.Helper()
	conntest.Poll(t, "the ticket is "+state, func() bool {
		b = q.look(t, "")
		return b.State == state
	})
	return b
}

func duelOf(queue string, mu int) string {
	return fmt.Sprintf(`{"game":"pool","queue":%q,"name":"p","skill":{"mu":%d,"sigma":1}}`, queue, mu)
}

func TestTwoWhoWaitGetSeatsInOneRoom(t *testing.T) {
	s := startQueues(t)
	a := s.enqueue(t, duelOf("duel", 1500))
	if b := a.look(t, ""); b.State != ticketWaiting || b.Version == 0 || b.Estimate != nil {
		t.Errorf("alone: %+v", b)
	}
	far := s.enqueue(t, duelOf("duel", 5000))
	waiting := make(chan ticketBody)
	go func() { waiting <- a.look(t, "?wait=20") }()
	b := s.enqueue(t, duelOf("duel", 1510))
	ta, tb := <-waiting, b.until(t, ticketMatched)
	if ta.State != ticketMatched || ta.Room != tb.Room || ta.Room == "" || ta.Team+tb.Team != 3 || ta.Token == tb.Token {
		t.Errorf("matched as\n%+v\n%+v", ta, tb)
	}
	for _, one := range []ticketBody{ta, tb} {
		enter(t, one)
	}
	if again := far.look(t, ""); again.State != ticketWaiting {
		t.Errorf("who is far off: %+v", again)
	}
	stranger := queuer{s: s, ticket: a.ticket, secret: "guess"}
	if seen := stranger.look(t, ""); seen.Token != "" {
		t.Error("a stranger was shown the seat token")
	}
}

func TestNobodyWhoIsNoMemberTouchesATicket(t *testing.T) {
	s := startQueues(t)
	q := s.enqueue(t, duelOf("duel", 1500))
	stranger := queuer{s: s, ticket: q.ticket, secret: "guess"}
	wantProblem(t, stranger.call(t, http.MethodDelete, q.path(""), ""), 403, "not-yours")
	wantProblem(t, stranger.call(t, http.MethodPost, q.path("/accept"), ""), 403, "not-yours")
	wantProblem(t, q.call(t, http.MethodPost, q.path("/accept"), ""), 409, "nothing-to-accept")
	if b := ticketOf(t, q.call(t, http.MethodDelete, q.path(""), "")); b.State != ticketCancelled {
		t.Errorf("%+v", b)
	}
	s.enqueue(t, duelOf("duel", 1500))
	if b := q.look(t, ""); b.State != ticketCancelled {
		t.Errorf("a cancelled ticket was matched: %+v", b)
	}
}

func TestBadTicketsAreProblemsWithACure(t *testing.T) {
	s := startQueues(t)
	q := &queuer{s: s}
	for _, row := range []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"unknown game", "POST", "/v1/tickets", `{"game":"chess","queue":"duel"}`, 404, "unknown-game"},
		{"unknown queue", "POST", "/v1/tickets", `{"game":"pool","queue":"chess"}`, 404, "unknown-queue"},
		{"unknown role", "POST", "/v1/tickets", `{"game":"pool","queue":"roles","roles":["tank"]}`, 422, "bad-wish"},
		{"negative latency", "POST", "/v1/tickets", `{"game":"pool","queue":"duel","latencies":{"eu":-1}}`, 422, "bad-wish"},
		{"huge skill", "POST", "/v1/tickets", `{"game":"pool","queue":"duel","skill":{"mu":1e9}}`, 422, "bad-wish"},
		{"unknown party", "POST", "/v1/tickets", `{"game":"pool","queue":"duel","party":"ABCDEF"}`, 404, "no-party"},
		{"unknown ticket", "GET", "/v1/tickets/NOSUCH", ``, 404, "unknown-ticket"},
		{"unknown ticket's events", "GET", "/v1/tickets/NOSUCH/events", ``, 404, "unknown-ticket"},
		{"unknown party to join", "POST", "/v1/parties/join", `{"code":"ABCDEF"}`, 404, "no-party"},
		{"unknown party to see", "GET", "/v1/parties/ABCDEF", ``, 404, "no-party"},
		{"method", "PUT", "/v1/tickets", ``, 405, "method"},
	} {
		t.Run(row.name, func(t *testing.T) { wantProblem(t, q.call(t, row.method, row.path, row.body), row.status, row.code) })
	}
}

// party makes a party of so many, and returns its members, the leader first.
func (s *running) party(t *testing.T, size int) (code string, members []*queuer) {
	t.Helper()
	for i := range size {
		q := &queuer{s: s}
		r := q.call(t, http.MethodPost, "/v1/parties", `{"game":"pool","name":"leader","skill":{"mu":1500}}`)
		if i > 0 {
			r = q.call(t, http.MethodPost, "/v1/parties/join", `{"code":"`+code+`","name":"mate","skill":{"mu":1500}}`)
		}
		var out struct {
			Party, Secret string
			Members       []string
		}
		if err := json.Unmarshal([]byte(r.body), &out); err != nil || r.status != 200 || len(out.Members) != i+1 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		code, q.secret = out.Party, out.Secret
		members = append(members, q)
	}
	return code, members
}

// queueAs puts the party into a queue; all members know its ticket then.
func queueAs(t *testing.T, code string, members []*queuer, queue string) {
	t.Helper()
	body := `{"game":"pool","queue":"` + queue + `","party":"` + code + `"}`
	wantProblem(t, members[len(members)-1].call(t, http.MethodPost, "/v1/tickets", body), 403, "not-leader")
	r := members[0].call(t, http.MethodPost, "/v1/tickets", body)
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for _, q := range members {
		var out struct{ Ticket string }
		r := q.call(t, http.MethodGet, "/v1/parties/"+code, "")
		if err := json.Unmarshal([]byte(r.body), &out); err != nil || out.Ticket == "" {
			t.Fatalf("%d %s", r.status, r.body)
		}
		q.ticket = out.Ticket
	}
}

func TestPartyIsAskedPlaysInOneTeamAndHasASeatEach(t *testing.T) {
	s := startQueues(t)
	code, us := s.party(t, 2)
	queueAs(t, code, us, "pairs")
	c, d := s.enqueue(t, duelOf("pairs", 1500)), s.enqueue(t, duelOf("pairs", 1500))
	all := append(us, c, d)
	for _, q := range all {
		if b := q.until(t, ticketFound); b.Deadline == nil || *b.Accepted > b.Players {
			t.Fatalf("%+v", b)
		}
		q.call(t, http.MethodPost, q.path("/accept"), "")
	}
	tokens, room := make(map[string]bool), ""
	for _, q := range all {
		b := q.until(t, ticketMatched)
		tokens[b.Token] = true
		if room != "" && b.Room != room {
			t.Error("two rooms")
		}
		room = b.Room
	}
	if len(tokens) != 4 || tokens[""] {
		t.Errorf("%d tokens for 4 players", len(tokens))
	}
	if a, b := us[0].look(t, ""), c.look(t, ""); a.Team == b.Team || c.look(t, "").Team != d.look(t, "").Team {
		t.Error("the party was split")
	}
}

func TestWhoDeclinesIsOutAndTheOthersWaitOn(t *testing.T) {
	s := startQueues(t)
	var all []*queuer
	for range 4 {
		all = append(all, s.enqueue(t, duelOf("pairs", 1500)))
	}
	for _, q := range all {
		q.until(t, ticketFound)
	}
	for _, q := range all[:2] {
		ticketOf(t, q.call(t, http.MethodPost, q.path("/accept"), ""))
	}
	if b := ticketOf(t, all[3].call(t, http.MethodPost, all[3].path("/decline"), "")); b.State != ticketCancelled || !strings.Contains(b.Why, "declined") {
		t.Errorf("%+v", b)
	}
	for _, q := range all[:3] { // the third was not to blame
		q.until(t, ticketWaiting)
	}
	s.enqueue(t, duelOf("pairs", 1500))
	for _, q := range all[:3] {
		q.until(t, ticketFound)
	}
}

func TestWhoDoesNotAcceptInTimeIsOutAndWhoDidWaitsOn(t *testing.T) {
	s := startQueues(t)
	a, b := s.enqueue(t, duelOf("hasty", 1500)), s.enqueue(t, duelOf("hasty", 1500))
	a.until(t, ticketFound)
	since := a.look(t, "").Waited
	ticketOf(t, a.call(t, http.MethodPost, a.path("/accept"), ""))
	if out := b.until(t, ticketCancelled); !strings.Contains(out.Why, "in time") {
		t.Errorf("%+v", out)
	}
	if on := a.until(t, ticketWaiting); on.Waited < since {
		t.Errorf("waited %v before, %v now: the place in the queue is lost", since, on.Waited)
	}
}

func TestListOfGamesNamesTheQueues(t *testing.T) {
	s := startQueues(t)
	_, text := get(t, s.url+"/v1/games")
	for _, want := range []string{
		`{"name":"pairs","teams":2,"teamSize":2,"maxParty":2,"accept":60}`,
		`{"name":"roles","teams":1,"teamSize":2,"maxParty":2,"roles":["swim","dive"]}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
}

func TestRolesAreGivenAsAsked(t *testing.T) {
	s := startQueues(t)
	a := s.enqueue(t, `{"game":"pool","queue":"roles","roles":["dive","swim"]}`)
	b := s.enqueue(t, `{"game":"pool","queue":"roles","roles":["dive"]}`)
	if ra, rb := a.until(t, ticketMatched).Role, b.until(t, ticketMatched).Role; ra != "swim" || rb != "dive" {
		t.Errorf("roles %q and %q", ra, rb)
	}
}

func TestTicketExpiresAndSaysSo(t *testing.T) {
	s := startQueues(t)
	s.enqueue(t, duelOf("short", 1500)).until(t, ticketExpired)
}

func TestRoomThatLostAPlayerIsGivenAnother(t *testing.T) {
	s := startQueues(t, "-seat-timeout", "1s")
	a, b := s.enqueue(t, duelOf("open", 1500)), s.enqueue(t, duelOf("open", 1500))
	ta, tb := a.until(t, ticketMatched), b.until(t, ticketMatched)
	pa, pb := enter(t, ta), enter(t, tb)
	c := s.enqueue(t, duelOf("open", 1500))
	if got := c.look(t, "?wait=0.5"); got.State != ticketWaiting {
		t.Fatalf("the room is full: %+v", got)
	}
	pb.Close()
	var tc ticketBody
	conntest.Poll(t, "the newcomer has the seat", func() bool {
		pa.play(t) // stays
		tc = c.look(t, "")
		return tc.State == ticketMatched
	})
	if tc.Room != ta.Room || tc.Team != tb.Team {
		t.Errorf("the newcomer: %+v; want room %s, team %d", tc, ta.Room, tb.Team)
	}
	enter(t, tc)
}

// enter takes the seat of a matched ticket.
func enter(t *testing.T, b ticketBody) *player {
	t.Helper()
	p, err := dial(t, b.URL, "seat."+b.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	return p
}

func TestEventsTellOfATicketUntilItIsMatched(t *testing.T) {
	s := startQueues(t)
	a := s.enqueue(t, duelOf("duel", 1500))
	told := make(chan reply)
	go func() { told <- a.call(t, http.MethodGet, a.path("/events"), "") }()
	a.until(t, ticketWaiting)
	s.enqueue(t, duelOf("duel", 1500))
	r := <-told // the stream ends
	var last ticketBody
	count := 0
	for text := range strings.Lines(r.body) {
		if data, ok := strings.CutPrefix(text, "data: "); ok {
			count++
			if err := json.Unmarshal([]byte(data), &last); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r.header.Get("Content-Type") != "text/event-stream" || count < 1 || last.State != ticketMatched || last.Token == "" {
		t.Errorf("%d events, the last %+v", count, last)
	}
}

func TestOperatorSeesPausesDrainsAndCancels(t *testing.T) {
	s := startQueues(t)
	steer := func(path string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, s.admin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := do(t, req)
		if r.status != 200 {
			t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		return r.body
	}
	steer("/v1/queues/pool/duel/pause")
	a, b := s.enqueue(t, duelOf("duel", 1500)), s.enqueue(t, duelOf("duel", 1500))
	conntest.Poll(t, "both wait", func() bool {
		_, text := get(t, s.admin+"/v1/queues")
		return strings.Contains(text, `"waiting":2`) && strings.Contains(text, `"paused":true`)
	})
	steer("/v1/tickets/" + b.ticket + "/cancel")
	if got := b.look(t, ""); got.State != ticketCancelled || !strings.Contains(got.Why, "operator") {
		t.Errorf("%+v", got)
	}
	steer("/v1/queues/pool/duel/drain")
	wantProblem(t, a.call(t, http.MethodPost, "/v1/tickets", duelOf("duel", 1500)), 503, "queue-closed")
	a.until(t, ticketCancelled)
	steer("/v1/queues/pool/duel/resume")
	c, d := s.enqueue(t, duelOf("duel", 1500)), s.enqueue(t, duelOf("duel", 1500))
	c.until(t, ticketMatched)
	d.until(t, ticketMatched)
	for _, want := range []string{
		`roomtick_queue_tickets_total{end="matched",game="pool",queue="duel"} 2`,
		`roomtick_queue_tickets_total{end="cancelled",game="pool",queue="duel"} 2`,
		`roomtick_queue_wait_seconds_count{game="pool",queue="duel"} 2`,
		`roomtick_queue_fairness_count{game="pool",queue="duel"} 1`,
		`roomtick_queue_waiting{game="pool",queue="duel"} 0`,
	} {
		conntest.Poll(t, "metrics say "+want, func() bool {
			_, metrics := get(t, s.admin+"/metrics")
			return strings.Contains(metrics, want)
		})
	}
}

func TestManyWhoQueueAtOnceAreAllSeatedInPairs(t *testing.T) {
	s := startQueues(t)
	const players = 200
	rooms := make(map[string]int)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range players {
		all.Go(func() {
			q := s.enqueue(t, duelOf("duel", 1500))
			b := q.look(t, "?wait=25")
			mu.Lock()
			defer mu.Unlock()
			rooms[b.Room]++
		})
	}
	all.Wait()
	for room, n := range rooms {
		if n != 2 || room == "" {
			t.Errorf("%d players in room %q", n, room)
		}
	}
	if len(rooms) != players/2 {
		t.Errorf("%d rooms", len(rooms))
	}
}

func TestIdentityIsTheSecretAndAPlayerWaitsOnce(t *testing.T) {
	r := ticketRecord{Ticket: sim.Ticket{Members: []sim.Entrant{{Player: "ada"}, {Player: "bob"}}}}
	r.Seats = []seatRecord{{}, {Secret: hashSecret("s")}}
	named := func(player string) caller { return caller{id: &identity.Identity{Player: player}} }
	if r.member(named("ada"), "") != 0 || r.member(caller{}, "s") != 1 || r.member(caller{}, "") != -1 || r.member(named("bob"), "") != -1 {
		t.Error("members are not told apart")
	}
	now := time.Now()
	r.Expires, r.Seen = millis(now.Add(time.Hour)), millis(now.Add(-unseenLife+time.Second))
	if _, over := r.over(now, time.Time{}); over {
		t.Error("a ticket that was looked at is over")
	}
	if _, over := r.over(now.Add(2*time.Second), time.Time{}); !over {
		t.Error("a ticket that nobody looks at waits on")
	}
	r.Expires = millis(now)
	if _, over := r.over(now, time.Time{}); !over {
		t.Error("a ticket waits beyond its time")
	}
	r.Expires = 0
	if r.life(time.Now()) != ticketLinger {
		t.Error("a ticket that waits for nothing lingers")
	}
}
