package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// fleet is nodes of one cluster, in one process, that reach each other by HTTP.
type fleet struct {
	dir   *directory.Memory
	nodes []*member
}

// member is a node, and what goes wrong between it and its peers.
type member struct {
	*node
	mu    sync.Mutex // guards the following
	fault func(w http.ResponseWriter, r *http.Request, own http.Handler)
	asked int // for seats
}

func (m *member) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	fault := m.fault
	if r.URL.Path == peerSeatsPath {
		m.asked++
	}
	m.mu.Unlock()
	own := newPeer(m.node)
	if fault == nil || r.URL.Path != peerSeatsPath {
		own.ServeHTTP(w, r)
		return
	}
	fault(w, r, own)
}

// fails lets every question for seats come to something else.
func (m *member) fails(how func(w http.ResponseWriter, r *http.Request, own http.Handler)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = how
}

func (m *member) questions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked
}

// newFleet starts a node in each of some regions; the first one is to match.
func newFleet(t *testing.T, maxRooms int, regions ...string) *fleet {
	t.Helper()
	f := &fleet{dir: directory.NewMemory(time.Minute)}
	log := slog.New(slog.DiscardHandler)
	for _, region := range regions {
		cfg := &config{maxRooms: maxRooms, seatTimeout: time.Minute, secret: []byte(testSecret), region: region, shared: f.dir}
		m := &member{node: newNode(cfg, []*sim.Definition{poolOfQueues}, f.dir, log)}
		s := httptest.NewServer(m)
		m.cluster.own = strings.TrimPrefix(s.URL, "http://")
		t.Cleanup(func() {
			if err := m.shutdown(log, nil); err != nil {
				t.Error(err)
			}
			m.queues.seating.Wait()
			s.CloseClientConnections()
			s.Close()
		})
		f.nodes = append(f.nodes, m)
	}
	f.announce(t)
	return f
}

func (f *fleet) announce(t *testing.T) {
	t.Helper()
	for range 2 { // the first ones learn of the last
		for _, m := range f.nodes {
			m.announce(t.Context())
		}
	}
}

// enqueue puts a ticket of one player into a queue of the pool.
func (f *fleet) enqueue(t *testing.T, queue, player string, since time.Time, latencies map[string]float64) string {
	t.Helper()
	now := time.Now()
	r := &ticketRecord{
		Game: "pool", Queue: queue, State: ticketWaiting, Seats: []seatRecord{{Name: player}},
		Ticket:  sim.Ticket{ID: "ticket " + player, Since: seconds(since), Members: []sim.Entrant{{Player: player, Latencies: latencies, Skill: sim.Skill{Mu: 1500, Sigma: 10}}}},
		Expires: millis(now.Add(time.Hour)), Seen: millis(now),
	}
	tk := directory.Ticket{ID: r.Ticket.ID, Queue: "pool/" + queue}
	err := r.store(&tk, now)
	if err == nil {
		_, err = f.dir.Put(t.Context(), tk)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tk.ID
}

// record is a ticket as it is.
func (f *fleet) record(t *testing.T, id string) *ticketRecord {
	t.Helper()
	_, r, err := f.nodes[0].readTicket(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// beat lets nodes look at their queues, and waits for what they begin.
func (f *fleet) beat(nodes ...*member) {
	for _, m := range nodes {
		m.queues.serve(context.Background(), time.Now())
		m.queues.seating.Wait()
	}
}

// rooms counts those of each node.
func (f *fleet) rooms() (list []int) {
	for _, m := range f.nodes {
		list = append(list, len(m.all()))
	}
	return list
}

// pairs queues for n duels.
func (f *fleet) pairs(t *testing.T, n int) (ids []string) {
	t.Helper()
	for i := range 2 * n {
		ids = append(ids, f.enqueue(t, "duel", fmt.Sprint("p", i), time.Now(), nil))
	}
	return ids
}

// wantMatched fails unless all of some tickets are, with a seat in a room that runs.
func (f *fleet) wantMatched(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		r := f.record(t, id)
		if r.State != ticketMatched {
			t.Errorf("%s is %s", id, r.State)
			continue
		}
		i := slices.IndexFunc(f.nodes, func(m *member) bool { return m.id == r.Match.Node })
		if i < 0 || f.nodes[i].lookup(r.Match.Room) == nil || r.Seats[0].Token == "" {
			t.Errorf("%s has a seat in %+v", id, r.Match)
		}
	}
}

func TestMatchesAreSpreadOverTheNodes(t *testing.T) {
	f := newFleet(t, 100, "", "", "")
	ids := f.pairs(t, 30)
	f.beat(f.nodes[0])
	f.wantMatched(t, ids)
	// A room of the node that matches counts twice for as long as its seats are being held.
	if got := f.rooms(); got[0]+got[1]+got[2] != 30 || slices.Min(got) < 5 || slices.Max(got) > 15 {
		t.Errorf("rooms %v", got)
	}
}

func TestMatchesAreInTheRegionOfTheirPlayers(t *testing.T) {
	f := newFleet(t, 100, "eu", "us", "us")
	near := map[string]map[string]float64{"eu": {"eu": 20, "us": 110}, "us": {"eu": 120, "us": 15}}
	ids := make(map[string]string)
	for i := range 24 {
		region := []string{"eu", "us"}[i%2]
		ids[f.enqueue(t, "duel", fmt.Sprint("p", i), time.Now(), near[region])] = region
	}
	f.beat(f.nodes[0])
	for id, region := range ids {
		r := f.record(t, id)
		if r.State != ticketMatched || r.Match.Region != region {
			t.Errorf("%s of %s: %s in %+v", id, region, r.State, r.Match)
		}
	}
	if got := f.rooms(); !slices.Equal(got, []int{6, 3, 3}) {
		t.Errorf("rooms %v", got)
	}
}

func TestALostAnswerMakesNoSecondRoomAndLosesNoSeat(t *testing.T) {
	f := newFleet(t, 100, "eu", "us")
	lose := true
	f.nodes[1].fails(func(w http.ResponseWriter, r *http.Request, own http.Handler) {
		if !lose {
			own.ServeHTTP(w, r)
			return
		}
		lose = false
		own.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	there := map[string]float64{"us": 10, "eu": 2000}
	ids := []string{f.enqueue(t, "duel", "a", time.Now(), there), f.enqueue(t, "duel", "b", time.Now(), there)}
	f.beat(f.nodes[0])
	f.wantMatched(t, ids)
	if got := f.rooms(); !slices.Equal(got, []int{0, 1}) || f.nodes[1].questions() != 2 {
		t.Errorf("rooms %v after %d questions", got, f.nodes[1].questions())
	}
	if i := f.nodes[1].all()[0].room.Info(); i.Reserved != 2 {
		t.Errorf("%d seats are held for two players", i.Reserved)
	}
}

func TestWhereOneNodeFailsTheNextHasTheMatch(t *testing.T) {
	for name, fault := range map[string]func(w http.ResponseWriter, r *http.Request, own http.Handler){
		"it dies":    func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) },
		"it is full": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { serverFull().write(w) },
		"it drains":  func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { draining().write(w) },
		"it talks wildly": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			_, _ = w.Write([]byte(`{"Tokens":["x"]}`))
		},
		"it never answers": func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			_ = r.Body.Close()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, 100, "", "", "")
			f.nodes[1].fails(fault)
			ids := f.pairs(t, 6)
			f.beat(f.nodes[0])
			f.wantMatched(t, ids)
			if got := f.rooms(); got[0]+got[2] != 6 || got[1] != 0 {
				t.Errorf("rooms %v", got)
			}
			before := f.nodes[1].questions()
			if list := f.nodes[0].placesFor("pool"); slices.ContainsFunc(list, func(p place) bool { return p.node == f.nodes[1].id }) {
				t.Errorf("%v still has the node that failed %d times", list, before)
			}
		})
	}
}

func TestANodeThatAnswersTooLateGivesTheRoomUp(t *testing.T) {
	f := newFleet(t, 100, "", "")
	slow := make(chan struct{})
	f.nodes[1].fails(func(w http.ResponseWriter, r *http.Request, own http.Handler) {
		own.ServeHTTP(httptest.NewRecorder(), r) // the room is there
		<-slow
	})
	ids := f.pairs(t, 2) // one match for each node
	f.nodes[0].queues.serve(t.Context(), time.Now())
	f.nodes[0].queues.seating.Wait()
	close(slow)
	f.wantMatched(t, ids)
	conntest.Poll(t, "only the rooms are left that players know", func() bool { return slices.Equal(f.rooms(), []int{2, 0}) })
}

func TestWhereAllNodesRefuseEverybodyKeepsTheirPlace(t *testing.T) {
	f := newFleet(t, 1, "", "")
	f.nodes[1].fails(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { serverFull().write(w) })
	if _, err := f.nodes[0].open(t.Context(), plan{game: poolOfQueues, keep: true}); err != nil {
		t.Fatal(err)
	}
	since := time.Now().Add(-time.Minute)
	ids := []string{f.enqueue(t, "duel", "a", since, nil), f.enqueue(t, "duel", "b", since, nil)}
	f.beat(f.nodes[0])
	for _, id := range ids {
		if r := f.record(t, id); r.State != ticketWaiting || r.Ticket.Since != seconds(since) {
			t.Errorf("%s is %s since %v, not %v", id, r.State, r.Ticket.Since, seconds(since))
		}
	}
	if f.nodes[1].questions() == 0 {
		t.Error("nobody was asked")
	}
	f.nodes[1].fails(nil)
	conntest.Poll(t, "they play once a node has room", func() bool {
		f.beat(f.nodes[0])
		return f.record(t, ids[0]).State == ticketMatched
	})
	f.wantMatched(t, ids)
}

func TestARoomOfAnotherNodeThatLostAPlayerIsGivenOne(t *testing.T) {
	f := newFleet(t, 100, "eu", "us")
	there := map[string]float64{"us": 10, "eu": 2000}
	ids := []string{f.enqueue(t, "open", "a", time.Now(), there), f.enqueue(t, "open", "b", time.Now(), there)}
	f.beat(f.nodes[0])
	f.wantMatched(t, ids)
	h := f.nodes[1].all()[0]
	if err := h.room.Kick(t.Context(), "b", "gone"); err != nil {
		t.Fatal(err)
	}
	// Who is on the way may still come; b's seat is free, a's is held.
	late := f.enqueue(t, "open", "c", time.Now(), there)
	f.beat(f.nodes[1], f.nodes[0])
	if r := f.record(t, late); r.State != ticketWaiting {
		t.Fatalf("%s while a player is on the way", r.State)
	}
	claimSeat(t, f.nodes[1].node, h, f.record(t, ids[0]).Seats[0].Token)
	f.beat(f.nodes[1], f.nodes[0])
	r := f.record(t, late)
	if r.State != ticketMatched || r.Match.Room != h.owner.Room || r.Match.Node != f.nodes[1].id || r.Match.Team != f.record(t, ids[1]).Match.Team {
		t.Errorf("%s into %+v, not team %d of %s", r.State, r.Match, f.record(t, ids[1]).Match.Team, h.owner.Room)
	}
	next := f.enqueue(t, "open", "d", time.Now(), there)
	f.beat(f.nodes[1], f.nodes[0])
	if r := f.record(t, next); r.State != ticketWaiting {
		t.Errorf("the room is full again, and yet: %s %+v", r.State, r.Match)
	}
}

// silent is a conn over which nothing comes, and that takes everything.
type silent struct{}

func (silent) Write([]byte) bool                                  { return true }
func (silent) Receive(func(time.Time, *schema.ClientFrame)) error { return nil }
func (silent) Close(schema.CloseCode, []byte)                     {}

// claimSeat takes the seat of a token.
func claimSeat(t *testing.T, n *node, h *host, token string) {
	t.Helper()
	c, err := n.tokens.verify(token, time.Now())
	if err == nil {
		err = h.room.Claim(t.Context(), room.Claim{Seat: c.Seat, Nonce: c.Nonce, Conn: silent{}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestARoomIsFilledOnceHoweverOftenItIsAskedTo(t *testing.T) {
	f := newFleet(t, 100, "")
	n := f.nodes[0]
	f.enqueue(t, "open", "a", time.Now(), nil)
	f.enqueue(t, "open", "b", time.Now(), nil)
	f.beat(n)
	h := n.all()[0]
	if h.code != "" || len(n.codes) != 0 {
		t.Errorf("the room of a match has the code %q, that nobody is told", h.code)
	}
	wishFor := func(player string, team int) *matchWish {
		return &matchWish{Match: "of " + player, Game: "pool", Queue: "open", Room: h.owner.Room, Players: []matchPlayer{{
			Entrant: sim.Entrant{Player: player}, Name: player, Team: team,
		}}}
	}
	if _, err := n.seatMatch(t.Context(), wishFor("c", 1)); !errors.Is(err, room.ErrFull) {
		t.Errorf("a third in a duel: %v", err)
	}
	if _, err := n.seatMatch(t.Context(), wishFor("b", 2)); err != nil {
		t.Errorf("who has the seat already: %v", err)
	}
	if err := h.room.Kick(t.Context(), "b", "gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.seatMatch(t.Context(), wishFor("d", 1)); !errors.Is(err, room.ErrFull) {
		t.Errorf("a second in the team that is full: %v", err)
	}
	if _, err := n.seatMatch(t.Context(), wishFor("e", 2)); err != nil {
		t.Errorf("who fills the gap: %v", err)
	}
	if i := h.room.Info(); i.Reserved != 2 {
		t.Errorf("%d seats are held in a duel", i.Reserved)
	}
}

func TestWhoLeftARoomIsForgotten(t *testing.T) {
	f := newFleet(t, 100, "")
	n := f.nodes[0]
	ids := []string{f.enqueue(t, "open", "a", time.Now(), nil), f.enqueue(t, "open", "b", time.Now(), nil)}
	f.beat(n)
	h := n.all()[0]
	for _, id := range ids {
		claimSeat(t, n.node, h, f.record(t, id).Seats[0].Token)
	}
	if err := h.room.Kick(t.Context(), "b", "gone"); err != nil {
		t.Fatal(err)
	}
	f.enqueue(t, "open", "c", time.Now().Add(-time.Second), map[string]float64{"elsewhere": 1})
	f.beat(n, n)
	r := n.queues.lineOf("pool", "open").rosters[h]
	if _, still := r.players["b"]; still || len(r.players) == 0 {
		t.Errorf("the room's players are %v", r.players)
	}
}

func TestANodeGivesItselfNoMoreTimeForAMatchThanOthers(t *testing.T) {
	f := newFleet(t, 100, "")
	n := f.nodes[0]
	n.seated.matches["slow"] = &seatedMatch{done: make(chan struct{})} // is being seated
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := n.askSeats(ctx, n.id, &matchWish{Match: "slow"}); !errors.Is(err, errNoAnswer) || ctx.Err() != nil {
		t.Errorf("%v", err)
	}
}

func TestARoomIsFilledWhereThereIsNoPlaceForAnother(t *testing.T) {
	f := newFleet(t, 1, "eu")
	n := f.nodes[0]
	ids := []string{f.enqueue(t, "open", "a", time.Now(), nil), f.enqueue(t, "open", "b", time.Now(), nil)}
	f.beat(n)
	h := n.all()[0]
	if r := f.record(t, ids[0]); n.describeTicket(1, r, time.Now()).Fairness == nil {
		t.Error("a new match does not say how fair it is")
	}
	claimSeat(t, n.node, h, f.record(t, ids[0]).Seats[0].Token)
	if err := h.room.Kick(t.Context(), "b", "gone"); err != nil {
		t.Fatal(err)
	}
	near := map[string]float64{"eu": 20}
	ids = []string{f.enqueue(t, "open", "c", time.Now().Add(-time.Second), near), f.enqueue(t, "open", "d", time.Now(), near), f.enqueue(t, "open", "e", time.Now(), near)}
	f.beat(n)
	r := f.record(t, ids[0])
	if r.State != ticketMatched || r.Match.Room != h.owner.Room {
		t.Fatalf("%s in %+v", r.State, r.Match)
	}
	if b := n.describeTicket(1, r, time.Now()); b.Fairness != nil {
		t.Errorf("a gap is said to be %v fair", *b.Fairness)
	}
	for _, id := range ids[1:] {
		if r := f.record(t, id); r.State != ticketWaiting {
			t.Errorf("%s is %s where there is no room", id, r.State)
		}
	}
}
