package server

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/identity"
	"github.com/roomtick/roomtick/sim"
)

// lineup is a node whose queues are served when the test says so, in a bubble.
type lineup struct {
	*node
	l *waitline
}

func inLineup(t *testing.T, queue string, maxRooms int, test func(t *testing.T, u *lineup)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		cfg := &config{maxRooms: maxRooms, seatTimeout: time.Minute, secret: []byte(testSecret)}
		n := newNode(cfg, []*sim.Definition{poolOfQueues}, directory.NewMemory(leaseTime), log)
		defer func() {
			n.queues.seating.Wait()
			if err := n.shutdown(log, nil); err != nil {
				t.Error(err)
			}
		}()
		test(t, &lineup{n, n.queues.lineOf("pool", queue)})
	})
}

// put writes a ticket of some players, who are known by their names.
func (u *lineup) put(t *testing.T, id string, since time.Time, players ...string) {
	t.Helper()
	r := &ticketRecord{
		Game: "pool", Queue: u.l.queue.Name, State: ticketWaiting, Ticket: sim.Ticket{ID: id, Since: seconds(since)},
		Expires: millis(time.Now().Add(10 * time.Minute)), Seen: millis(time.Now()),
	}
	for _, p := range players {
		r.Ticket.Members = append(r.Ticket.Members, sim.Entrant{Player: p, Skill: sim.Skill{Mu: 1500}})
		r.Seats = append(r.Seats, seatRecord{Name: p})
	}
	tk := directory.Ticket{ID: id, Queue: u.l.name}
	err := r.store(&tk, time.Now())
	if err == nil {
		_, err = u.dir.Put(t.Context(), tk)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// serve is one beat, with all that it begins.
func (u *lineup) serve(t *testing.T) {
	t.Helper()
	u.queues.serve(t.Context(), time.Now())
	u.queues.seating.Wait()
}

func (u *lineup) want(t *testing.T, state string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, r, err := u.readTicket(t.Context(), id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
		} else if r.State != state {
			t.Errorf("%s is %s (%s); want %s", id, r.State, r.Why, state)
		}
	}
}

func (u *lineup) accept(t *testing.T, players ...string) {
	t.Helper()
	for _, p := range players {
		if _, err := u.answerMatch(t.Context(), "of "+p, caller{id: &identity.Identity{Player: p}}, "", true); err != nil {
			t.Fatal(p, err)
		}
	}
}

func TestNobodyMeetsThemselfByASecondTicket(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		now := time.Now()
		u.put(t, "second", now, "ada") // as two nodes write them that do not know of each other's
		u.put(t, "first", now.Add(-time.Second), "ada")
		u.serve(t)
		u.want(t, ticketWaiting, "first")
		u.want(t, ticketCancelled, "second")
		u.put(t, "of bob", time.Now(), "bob")
		u.serve(t)
		u.want(t, ticketMatched, "first", "of bob")
	})
}

func TestATicketAfterOneThatIsOverIsNoSecond(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		u.put(t, "first", time.Now(), "ada")
		u.serve(t)
		u.put(t, "next", time.Now(), "ada")
		if err := u.l.refresh(t.Context(), u.dir, time.Now()); err != nil { // it looks like a second
			t.Fatal(err)
		}
		if _, err := u.cancelTicket(t.Context(), "first", "left", func(*ticketRecord) bool { return true }); err != nil {
			t.Fatal(err)
		}
		u.serve(t)
		u.put(t, "of bob", time.Now(), "bob")
		u.serve(t)
		u.want(t, ticketMatched, "next", "of bob")
	})
}

func TestWhoHasASeatIsNotMatchedAgainBeforeThatIsRead(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		u.put(t, "of ada", time.Now(), "ada")
		u.put(t, "of bob", time.Now(), "bob")
		u.serve(t)
		u.want(t, ticketMatched, "of ada", "of bob")
		if list := u.l.waiting(); len(list) != 0 {
			t.Errorf("%d tickets would be matched again", len(list))
		}
		u.serve(t)
		if len(u.l.busy) != 0 {
			t.Errorf("%v is kept for good", u.l.busy)
		}
	})
}

func TestATicketThatExpiresInThisBeatIsMatchedWithNobody(t *testing.T) {
	inLineup(t, "short", 8, func(t *testing.T, u *lineup) {
		u.put(t, "of ada", time.Now(), "ada")
		time.Sleep(10 * time.Minute)
		u.put(t, "of bob", time.Now(), "bob")
		u.serve(t)
		u.want(t, ticketExpired, "of ada")
		u.want(t, ticketWaiting, "of bob")
		if u.opened != 0 {
			t.Error("a room was opened for nobody")
		}
	})
}

// pairs asks for a minute whether a match is accepted: as long as a ticket may go unseen.
func TestWhoAcceptedAMatchThatOthersDidNotWaitsOnHoweverLongTheyTook(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		for _, p := range []string{"ada", "bob", "cyd", "dan"} {
			u.put(t, "of "+p, time.Now(), p)
		}
		u.serve(t)
		u.want(t, ticketFound, "of ada", "of dan")
		u.accept(t, "ada", "bob", "cyd")
		u.serve(t)
		time.Sleep(time.Duration(u.l.queue.Accept*float64(time.Second)) + time.Second)
		u.serve(t)
		u.serve(t)
		u.want(t, ticketWaiting, "of ada", "of bob", "of cyd")
		u.want(t, ticketCancelled, "of dan")
	})
}

func TestAMatchThatNoNodeHasRoomForIsGivenUpAndAllWaitOn(t *testing.T) {
	inLineup(t, "pairs", 1, func(t *testing.T, u *lineup) {
		players := []string{"ada", "bob", "cyd", "dan"}
		for _, p := range players {
			u.put(t, "of "+p, time.Now(), p)
		}
		u.serve(t)
		u.accept(t, players...)
		if _, err := u.open(t.Context(), plan{game: poolOfQueues, keep: true}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			u.serve(t)
		}
		u.want(t, ticketFound, "of ada", "of dan")
		time.Sleep(time.Duration(u.l.queue.Accept*float64(time.Second)) + matchTimeout)
		u.serve(t)
		u.serve(t)
		u.want(t, ticketWaiting, "of ada", "of bob", "of cyd", "of dan")
	})
}

func TestATicketIsKeptUntilItsMatchMustBeAccepted(t *testing.T) {
	now := time.Now()
	r := ticketRecord{State: ticketFound, Expires: millis(now.Add(time.Second)), Match: &matchRecord{Deadline: millis(now.Add(2 * time.Minute))}}
	if got := r.life(now); got < 2*time.Minute {
		t.Errorf("it is forgotten after %v", got)
	}
}

func TestAPartyThatChangedWhileItsTicketWasMadeDoesNotWaitInIt(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		member := func(name string) partyMember {
			return partyMember{Entrant: sim.Entrant{Player: name}, Seat: seatRecord{Name: name}}
		}
		code, err := u.openParty(t.Context(), poolOfQueues, member("ada"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.joinParty(t.Context(), code, member("bob")); err != nil {
			t.Fatal(err)
		}
		for i, players := range [][]string{{"ada", "bob"}, {"ada", "bob"}, {"ada"}} {
			id := fmt.Sprint("ticket ", i)
			u.put(t, id, time.Now(), players...)
			if i == 1 {
				if _, err := u.leaveParty(t.Context(), code, caller{id: &identity.Identity{Player: "bob"}}, ""); err != nil {
					t.Fatal(err)
				}
			}
			_, r, err := u.readTicket(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			r.Party = code
			err = u.noteTicket(t.Context(), id, r)
			if changed := i == 1; errors.Is(err, errBusy) != changed {
				t.Errorf("%v: %v", players, err)
			}
		}
		u.want(t, ticketCancelled, "ticket 0", "ticket 1") // bob has left both
		u.want(t, ticketWaiting, "ticket 2")
		if _, r, _ := u.readTicket(t.Context(), "ticket 1"); !strings.Contains(r.Why, "party has changed") {
			t.Errorf("why: %q", r.Why)
		}
	})
}
