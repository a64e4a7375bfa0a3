package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// asks is what becomes of a client's request to a node.
func (m *member) asks(t *testing.T, body matchBody) (grant, *Problem) {
	t.Helper()
	if body.Game == "" {
		body.Game = "pool"
	}
	w, p := m.wishOf(t.Context(), &body)
	if p != nil {
		t.Fatal(p)
	}
	g, err := m.match(t.Context(), w)
	errors.As(err, &p)
	return g, p
}

// makes is a room that a client of a node makes.
func (m *member) makes(t *testing.T, body matchBody) grant {
	t.Helper()
	body.Create = true
	g, p := m.asks(t, body)
	if p != nil {
		t.Fatal(p)
	}
	if m.lookup(g.room) == nil {
		t.Fatal("made elsewhere")
	}
	return g
}

// offer lets all nodes run another game.
func (f *fleet) offer(t *testing.T, game *sim.Definition) {
	t.Helper()
	for _, m := range f.nodes {
		m.games[game.Name()], m.costs[game.Name()] = game, room.NewCost(game)
		m.offered = append(m.offered, game)
	}
	f.announce(t)
}

func TestWhatOneClientGuessesIsNotHeldAgainstOthersElsewhere(t *testing.T) {
	there := newFleet(t, 10, "", "").nodes[1]
	made := there.makes(t, matchBody{Private: true})
	pass := func(code string) int { // as another node does
		body, err := json.Marshal(peerWish{Asked: matchBody{Game: "pool", Code: code}, ID: "ada"})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		there.matchForPeer(w, httptest.NewRequest(http.MethodPost, peerMatchPath, bytes.NewReader(body)))
		return w.Code
	}
	for range 2 * guessBurst {
		if status := pass("000000"); status != http.StatusNotFound {
			t.Fatalf("a code of no room: %d", status)
		}
	}
	if status := pass(made.code); status != http.StatusOK {
		t.Errorf("the right code: %d", status)
	}
}

func TestSpectatorsFindTheRoomsOfOtherNodes(t *testing.T) {
	f := newFleet(t, 10, "", "", "")
	f.offer(t, watchedGame)
	f.nodes[1].makes(t, matchBody{Game: "watched", Private: true})
	played := f.nodes[2].makes(t, matchBody{Game: "watched"})
	for name, body := range map[string]matchBody{"that room": {Room: played.room}, "any": {}} {
		body.Game, body.Spectate = "watched", true
		var g grant
		conntest.Poll(t, name+" is old enough", func() bool {
			var p *Problem
			g, p = f.nodes[0].asks(t, body)
			if p != nil && p.Code != "nothing-to-watch" {
				t.Fatal(p)
			}
			return p == nil
		})
		if g.room != played.room || g.node != f.nodes[2].id {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func TestClientsOfAnotherBuildAreSentToANodeOfTheirs(t *testing.T) {
	f := newFleet(t, 10, "", "", "")
	for i, build := range []string{"v1", "v3", "v2"} {
		f.nodes[i].cfg.build = build
	}
	f.announce(t)
	for range 2 {
		if g, p := f.nodes[0].asks(t, matchBody{Build: "v2"}); p != nil || g.node != f.nodes[2].id {
			t.Errorf("%+v, %v", g, p)
		}
	}
	if _, p := f.nodes[0].asks(t, matchBody{Build: "v4"}); p == nil || p.Code != "other-build" {
		t.Errorf("a build that nobody has: %v", p)
	}
}

func TestANamedRoomIsFoundWhicheverNodeIsAsked(t *testing.T) {
	f := newFleet(t, 10, "eu", "us", "us")
	f.nodes[0].cfg.build, f.nodes[2].cfg.build = "v1", "v2"
	f.announce(t)
	asked, owner := f.nodes[0], f.nodes[2]
	find := func(when string) (room string) {
		t.Helper()
		public, private := owner.makes(t, matchBody{Region: "us"}), owner.makes(t, matchBody{Private: true})
		for name, body := range map[string]matchBody{
			"room": {Room: public.room}, "code": {Code: private.code},
			"room and region": {Room: public.room, Region: "us"}, "room and build": {Room: public.room, Build: "v2"},
		} {
			if g, p := asked.asks(t, body); p != nil || g.node != owner.id {
				t.Errorf("%s, %s: %+v, %v", when, name, g, p)
			}
		}
		return public.room
	}
	public := find("in another region")
	if _, p := asked.asks(t, matchBody{Room: public, Region: "eu"}); p == nil || p.Code != "unknown-region" {
		t.Errorf("in the wrong region: %v", p)
	}
	if _, p := asked.asks(t, matchBody{Room: "nowhere"}); p == nil || p.Code != "unknown-room" {
		t.Errorf("no such room: %v", p)
	}
	asked.mu.Lock()
	asked.draining = true
	asked.mu.Unlock()
	find("while the node drains")
}

// A process that is stopped, but not dead: its kernel takes calls that nobody answers.
func TestANodeThatHangsDoesNotHoldUpEveryJoin(t *testing.T) {
	f := newFleet(t, 10, "")
	hung, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hung.Close() })
	err = f.dir.Announce(t.Context(), directory.Node{ID: "hung", Peer: hung.Addr().String(), Games: []string{"pool"}, MaxRooms: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		owner, err := f.dir.Acquire(t.Context(), fmt.Sprint("room ", i), "hung", 0)
		if err == nil {
			err = f.dir.Renew(t.Context(), directory.Listing{Look: 1, Owner: owner, Game: "pool", MaxPlayers: 4, Players: 3})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f.announce(t)
	m := f.nodes[0]
	if g, p := m.asks(t, matchBody{}); p != nil || m.lookup(g.room) == nil {
		t.Fatalf("%+v, %v", g, p)
	}
	if !m.cluster.isSilent("hung", time.Now()) {
		t.Error("the next join asks it, too")
	}
	if len(m.cluster.others(m.id)) != 0 {
		t.Error("whoever is passed on waits for it")
	}
	if m.cluster.isSilent("hung", time.Now().Add(silentFor)) {
		t.Error("it is not asked once it answers again")
	}
}

func TestNoMoreRoomsAreOpenedAtOnceThanMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{maxRooms: 10})
		n.dir = slowDirectory{n.dir}
		for range 2 { // the second time none
			var wg sync.WaitGroup
			for range 30 {
				wg.Go(func() {
					if _, err := n.open(t.Context(), plan{game: poolGame}); err != nil && !errors.Is(err, errMaxRooms) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if opened := len(n.all()); opened != 10 {
				t.Errorf("%d rooms", opened)
			}
		}
		if n.opening != 0 {
			t.Errorf("%d are being opened", n.opening)
		}
	})
}

func TestRoomsSentToNodesThatAreGoneAreForgotten(t *testing.T) {
	c := newCluster([]byte(testSecret))
	now := time.Now()
	c.sent["gone"], c.sent["here"] = []time.Time{now}, []time.Time{now, now.Add(sentFor)}
	c.set(nil, now.Add(sentFor))
	if len(c.sent) != 1 || len(c.sent["here"]) != 1 {
		t.Errorf("%v", c.sent)
	}
}

func TestWhoIsSentToAFullRoomIsTheLast(t *testing.T) {
	f := newFleet(t, 10, "", "")
	owner := f.nodes[1]
	made := owner.makes(t, matchBody{})
	for range 3 { // which the directory is not told before the next renewal
		if _, p := owner.asks(t, matchBody{Room: made.room}); p != nil {
			t.Fatal(p)
		}
	}
	if l, err := f.dir.Lookup(t.Context(), made.room); err != nil || l.Free() == 0 {
		t.Fatalf("%+v, %v", l, err)
	}
	if g, p := f.nodes[0].asks(t, matchBody{}); p != nil || g.room == made.room {
		t.Fatalf("%+v, %v", g, p)
	}
	l, err := f.dir.Lookup(t.Context(), made.room)
	if err != nil || l.Free() != 0 || l.Reserved != 4 {
		t.Errorf("%d seats are free by the list, %d held: %v", l.Free(), l.Reserved, err)
	}
}
