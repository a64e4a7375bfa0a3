package server

import (
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/directory"
)

func TestABanHoldsOnAllNodes(t *testing.T) {
	f := newFleet(t, 100, "", "")
	here, there := f.nodes[0], f.nodes[1]
	if _, err := there.match(t.Context(), wishFor(poolOfQueues, "Ada")); err != nil {
		t.Fatal(err)
	}
	h := there.all()[0]
	list, err := h.room.Players(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g, err := there.match(t.Context(), wish{search: search{game: poolOfQueues}, who: joiner{id: "eve", name: "Eve"}})
	if err != nil {
		t.Fatal(err)
	}
	claimSeat(t, there.node, h, g.token)
	here.bans.add(banRecord{Player: "eve", Reason: "enough"}, time.Now().Add(time.Hour))
	for _, m := range f.nodes {
		if err := m.shareBans(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := m.bans.left("eve", time.Now()); left < 59*time.Minute || left > time.Hour {
			t.Errorf("banned for %v", left)
		}
	}
	if now, err := h.room.Players(t.Context()); err != nil || len(now) != len(list) {
		t.Errorf("the banned player is still there: %+v, %v", now, err)
	}
	// The longer one counts, whoever says it.
	there.bans.add(banRecord{Player: "eve"}, time.Now().Add(time.Minute))
	here.bans.add(banRecord{Player: "eve"}, time.Now().Add(2*time.Hour))
	for range 2 {
		for _, m := range f.nodes {
			if err := m.shareBans(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, m := range f.nodes {
		if left := m.bans.left("eve", time.Now()); left < 119*time.Minute {
			t.Errorf("banned for %v", left)
		}
	}
}

func TestADirectoryThatHasLostItsDataIsToldTheBansAgain(t *testing.T) {
	f := newFleet(t, 100, "", "")
	f.nodes[0].bans.add(banRecord{Player: "eve", Reason: "enough"}, time.Now().Add(time.Hour))
	for _, n := range f.nodes {
		if err := n.shareBans(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n := f.nodes[1] // which has only heard of it
	n.dir = directory.NewMemory(time.Minute)
	n.bans.read = directory.Cursor{} // as the data of another life makes it
	for range 2 {
		if err := n.shareBans(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.dir.Ticket(t.Context(), "ban/eve"); err != nil {
		t.Errorf("the ban is gone: %v", err)
	}
}

func TestABannedPlayerWaitsNoMoreAndTakesNoSeat(t *testing.T) {
	f := newFleet(t, 100, "")
	n := f.nodes[0]
	var ids []string
	for _, p := range []string{"ada", "bob", "eve"} {
		ids = append(ids, f.enqueue(t, "duel", p, time.Now().Add(-time.Minute), nil))
		if p == "bob" {
			f.beat(n)
		}
	}
	f.wantMatched(t, ids[:2])
	for _, p := range []string{"bob", "eve"} {
		n.bans.add(banRecord{Player: p}, time.Now().Add(time.Hour))
	}
	f.beat(n)
	if r := f.record(t, ids[2]); r.State != ticketCancelled || r.Why != "one of its players is banned" {
		t.Errorf("%s: %s", r.State, r.Why)
	}
	r := f.record(t, ids[1])
	if code := n.admit(nil, r.Match.Room, credential{token: r.Seats[0].Token}); code != schema.CloseKicked {
		t.Errorf("the seat's token gets %d", code)
	}
}
