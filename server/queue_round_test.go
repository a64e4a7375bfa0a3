package server

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestAMatchIsMadeThoughItsPlayersLookAtTheirTicketsJustThen(t *testing.T) {
	for _, queue := range []string{"duel", "pairs"} {
		inLineup(t, queue, 8, func(t *testing.T, u *lineup) {
			looks := 0
			players := []string{"ada", "bob", "cyd", "dan"}[:2*u.l.queue.TeamSize]
			u.dir = &frail{Directory: u.dir, life: "first", before: func() {
				if looks++; looks > 3 {
					return
				}
				_, err := u.changeTicket(t.Context(), "of "+players[looks%2], func(r *ticketRecord) error {
					r.Seen++
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}}
			for _, p := range players {
				u.put(t, "of "+p, time.Now(), p)
			}
			u.serve(t)
			if queue == "duel" {
				u.want(t, ticketMatched, "of ada", "of bob")
				return
			}
			u.want(t, ticketFound, "of ada", "of bob", "of cyd", "of dan")
		})
	}
}

func TestWhoLeavesInTheMomentOfTheMatchIsNotInIt(t *testing.T) {
	inLineup(t, "pairs", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		f.before = func() {
			f.before = nil
			if err := u.sendAway(t.Context(), "of bob", "left"); err != nil {
				t.Error(err)
			}
		}
		for _, p := range []string{"ada", "bob", "cyd", "dan"} {
			u.put(t, "of "+p, time.Now(), p)
		}
		u.serve(t)
		u.want(t, ticketCancelled, "of bob")
		u.want(t, ticketWaiting, "of ada", "of cyd", "of dan")
	})
}

func TestASlowDirectoryHoldsNoBeatUp(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		slow := make(chan struct{})
		u.dir = &frail{Directory: u.dir, life: "first", before: func() { <-slow }}
		const players = 4 * seatAtOnce
		for i := range players {
			u.put(t, fmt.Sprint("ticket ", i), time.Now().Add(-time.Second), fmt.Sprint("player ", i))
		}
		if _, err := u.queues.setStop(t.Context(), u.l, func(s *queueStop) { s.Drained = true }); err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		go func() {
			defer close(served)
			for range 3 {
				u.queues.serve(t.Context(), time.Now())
			}
		}()
		synctest.Wait()
		select {
		case <-served:
		default:
			t.Error("the beat waits for what it has begun")
		}
		close(slow)
		<-served
		u.queues.seating.Wait()
		for i := range players {
			u.want(t, ticketCancelled, fmt.Sprint("ticket ", i))
		}
		if left := len(u.l.waiting()); left != 0 {
			t.Errorf("%d wait on", left)
		}
	})
}

func TestOneTicketThatChangesDoesNotKeepOthersFromTheirEnd(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		for i := range 3 {
			u.put(t, fmt.Sprint("ticket ", i), time.Now(), fmt.Sprint("player ", i))
		}
		if _, err := u.queues.setStop(t.Context(), u.l, func(s *queueStop) { s.Drained = true }); err != nil {
			t.Fatal(err)
		}
		f.before = func() {
			f.before = nil
			if _, err := u.changeTicket(t.Context(), "ticket 1", func(r *ticketRecord) error { r.Seen++; return nil }); err != nil {
				t.Error(err)
			}
		}
		u.serve(t)
		u.want(t, ticketCancelled, "ticket 0", "ticket 2")
		u.want(t, ticketWaiting, "ticket 1")
		u.serve(t)
		u.want(t, ticketCancelled, "ticket 1")
	})
}
