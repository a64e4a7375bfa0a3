package server

import (
	"testing"
	"time"

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
	f := newFleet(t, 100, "")
	n := f.nodes[0]
	n.bans.add(banRecord{Player: "eve", Reason: "enough"}, time.Now().Add(time.Hour))
	if err := n.shareBans(t.Context()); err != nil {
		t.Fatal(err)
	}
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
