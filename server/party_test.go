package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/identity"
	"github.com/roomtick/roomtick/sim"
)

// ticketOfParty is what a member is told of the party's ticket.
func (q *queuer) ticketOfParty(t *testing.T, code string) string {
	t.Helper()
	var out struct{ Ticket string }
	r := q.call(t, http.MethodGet, "/v1/parties/"+code, "")
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return out.Ticket
}

func TestAPartyQueuesAsOftenAsItLikes(t *testing.T) {
	s := startQueues(t)
	code, us := s.party(t, 2)
	queueAs(t, code, us, "pairs")
	cancelled := us[0].ticket
	ticketOf(t, us[1].call(t, http.MethodDelete, us[1].path(""), ""))
	for _, q := range us {
		if id := q.ticketOfParty(t, code); id != "" {
			t.Errorf("a member is shown the ticket %s, which is over", id)
		}
	}
	queueAs(t, code, us, "pairs")
	played := us[0].ticket
	all := append(us, s.enqueue(t, duelOf("pairs", 1500)), s.enqueue(t, duelOf("pairs", 1500)))
	for _, q := range all {
		q.until(t, ticketFound)
		q.call(t, http.MethodPost, q.path("/accept"), "")
	}
	us[0].until(t, ticketMatched)
	if id := us[1].ticketOfParty(t, code); id != played {
		t.Errorf("%q is shown to who has a seat by %q", id, played)
	}
	queueAs(t, code, us, "pairs")
	if id := us[1].ticket; id == cancelled || id == played {
		t.Error("the party waits with a ticket that is over")
	}
	us[1].until(t, ticketWaiting)
}

func TestNobodyJoinsAPartyWhileItWaits(t *testing.T) {
	s := startQueues(t)
	code, us := s.party(t, 1)
	us[0].ticket = us[0].queueParty(t, code, "pairs")
	mate := &queuer{s: s}
	join := `{"code":"` + code + `"}`
	wantProblem(t, mate.call(t, http.MethodPost, "/v1/parties/join", join), http.StatusConflict, "already-waiting")
	us[0].until(t, ticketWaiting)
	ticketOf(t, us[0].call(t, http.MethodDelete, us[0].path(""), ""))
	if r := mate.call(t, http.MethodPost, "/v1/parties/join", join); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// queueParty puts the party that q leads into a queue, and returns its ticket.
func (q *queuer) queueParty(t *testing.T, code, queue string) string {
	t.Helper()
	r := q.call(t, http.MethodPost, "/v1/tickets", `{"game":"pool","queue":"`+queue+`","party":"`+code+`"}`)
	var out struct{ Ticket string }
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return out.Ticket
}

func TestWhoJoinsAPartyThatPlaysIsNotShownItsTicket(t *testing.T) {
	s := startQueues(t)
	code, us := s.party(t, 1)
	us[0].ticket = us[0].queueParty(t, code, "duel")
	s.enqueue(t, duelOf("duel", 1500))
	us[0].until(t, ticketMatched)
	late := &queuer{s: s}
	r := late.call(t, http.MethodPost, "/v1/parties/join", `{"code":"`+code+`"}`)
	var out struct{ Secret, Ticket, Queue string }
	if err := json.Unmarshal([]byte(r.body), &out); err != nil || r.status != http.StatusOK || out.Ticket+out.Queue != "" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	late.secret = out.Secret
	if id := late.ticketOfParty(t, code); id != "" {
		t.Errorf("%s is shown to who has no seat by it", id)
	}
	if id := us[0].ticketOfParty(t, code); id != us[0].ticket {
		t.Errorf("%q is shown to who has a seat by %q", id, us[0].ticket)
	}
}

func TestAPartyWaitsInOneQueue(t *testing.T) {
	s := startQueues(t)
	code, us := s.party(t, 1)
	us[0].ticket = us[0].queueParty(t, code, "pairs")
	body := `{"game":"pool","queue":"solo","party":"` + code + `"}`
	wantProblem(t, us[0].call(t, http.MethodPost, "/v1/tickets", body), http.StatusConflict, "already-waiting")
	if id := us[0].ticketOfParty(t, code); id != us[0].ticket {
		t.Errorf("the party waits with %q; want %q", id, us[0].ticket)
	}
}

// madeParty is a party of players who are known by their names.
func (u *lineup) madeParty(t *testing.T, players ...string) string {
	t.Helper()
	code := ""
	for i, name := range players {
		m := partyMember{Entrant: sim.Entrant{Player: name}, Seat: seatRecord{Name: name}}
		var err error
		if i == 0 {
			code, err = u.openParty(t.Context(), poolOfQueues, m)
		} else {
			_, err = u.joinParty(t.Context(), code, m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return code
}

// note tells a party of a ticket that was put.
func (u *lineup) note(t *testing.T, code, id string) error {
	t.Helper()
	_, r, err := u.readTicket(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	r.Party = code
	return u.noteTicket(t.Context(), id, r)
}

func TestOfTwoTicketsOfAPartyThatAreMadeAtOnceOneIsCancelled(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		code := u.madeParty(t, "ada", "bob")
		u.put(t, "first", time.Now(), "ada", "bob")
		u.put(t, "second", time.Now(), "ada", "bob")
		if err := u.note(t, code, "first"); err != nil {
			t.Fatal(err)
		}
		if err := u.note(t, code, "first"); err != nil {
			t.Errorf("said again: %v", err)
		}
		var p *Problem
		if err := u.note(t, code, "second"); !errors.As(err, &p) || p.Code != "already-waiting" {
			t.Errorf("the second: %v", err)
		}
		u.want(t, ticketWaiting, "first")
		u.want(t, ticketCancelled, "second")
	})
}

func TestWhoIsInAPartyThatWaitsMayJoinItAgain(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		code := u.madeParty(t, "ada")
		u.put(t, "first", time.Now(), "ada")
		if err := u.note(t, code, "first"); err != nil {
			t.Fatal(err)
		}
		ada := partyMember{Entrant: sim.Entrant{Player: "ada"}, Seat: seatRecord{Name: "Ada"}}
		if p, err := u.joinParty(t.Context(), code, ada); err != nil || len(p.Members) != 1 || p.Ticket != "first" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// stuckTicket is a directory that is away whenever one ticket is to change.
type stuckTicket struct {
	directory.Directory
	id string
}

func (d stuckTicket) Put(ctx context.Context, tk directory.Ticket) (uint64, error) {
	if tk.ID == d.id {
		return 0, directory.ErrUnavailable
	}
	return d.Directory.Put(ctx, tk)
}

func TestNobodyLeavesAPartyWhoStillWaitsByItsTicket(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		code := u.madeParty(t, "ada", "bob")
		u.put(t, "first", time.Now(), "ada", "bob")
		if err := u.note(t, code, "first"); err != nil {
			t.Fatal(err)
		}
		bob := caller{id: &identity.Identity{Player: "bob"}}
		whole := u.dir
		u.dir = stuckTicket{whole, "first"}
		if _, err := u.leaveParty(t.Context(), code, bob, ""); !errors.Is(err, directory.ErrUnavailable) {
			t.Errorf("while the ticket cannot be cancelled: %v", err)
		}
		u.dir = whole
		if p, err := u.leaveParty(t.Context(), code, bob, ""); err != nil || len(p.Members) != 1 {
			t.Errorf("asked again: %+v, %v", p, err)
		}
		u.want(t, ticketCancelled, "first")
	})
}
