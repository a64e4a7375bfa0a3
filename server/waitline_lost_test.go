package server

import (
	"context"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// frail is a directory that is away, or has lost its data, when the test says so.
type frail struct {
	directory.Directory
	away bool
	life string // of the data

	before func() // an Assign
}

func (f *frail) Assign(ctx context.Context, l directory.Lease, ts []directory.Ticket) error {
	if f.before != nil {
		f.before()
	}
	return f.Directory.Assign(ctx, l, ts)
}

func (f *frail) Tickets(ctx context.Context, queue string, since directory.Cursor) (directory.Changes, error) {
	if f.away {
		return directory.Changes{}, directory.ErrUnavailable
	}
	if since.Life == f.life {
		since.Life = "memory"
	}
	c, err := f.Directory.Tickets(ctx, queue, since)
	c.Next.Life = f.life
	return c, err
}

// lose makes another directory of it, without data.
func (f *frail) lose() {
	f.Directory, f.life = directory.NewMemory(leaseTime), f.life+"'"
}

func TestWhoWaitsAndWhoHasASeatAreNotLostWithTheDirectorysData(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		since := time.Now().Add(-time.Minute)
		u.put(t, "of ada", since, "ada")
		u.put(t, "of bob", since, "bob")
		u.serve(t)
		u.put(t, "of cyd", since, "cyd")
		u.serve(t)
		changed := u.l.change("of cyd")
		f.lose()
		u.want(t, ticketWaiting, "of cyd")
		u.want(t, ticketMatched, "of ada", "of bob")
		u.serve(t)
		u.serve(t)
		<-changed
		if _, err := f.Ticket(t.Context(), "of cyd"); err != nil {
			t.Errorf("the directory was not told: %v", err)
		}
		u.put(t, "of dan", time.Now(), "dan")
		u.serve(t)
		u.want(t, ticketMatched, "of ada", "of bob", "of cyd", "of dan")
		if _, r, err := u.readTicket(t.Context(), "of cyd"); err != nil || r.Ticket.Since != seconds(since) {
			t.Errorf("it lost its place in the queue: %v", err)
		}
	})
}

func TestAChangeOfATicketThatWasLostWritesItAnew(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		u.put(t, "of ada", time.Now(), "ada")
		u.serve(t)
		f.lose()
		if err := u.sendAway(t.Context(), "of ada", "left"); err != nil {
			t.Fatal(err)
		}
		u.serve(t)
		u.serve(t)
		u.want(t, ticketCancelled, "of ada")
	})
}

func TestNobodyIsSentAwayBecauseTheDirectoryWasAway(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		u.serve(t)
		time.Sleep(2 * unseenLife) // the node has run for long
		u.put(t, "of ada", time.Now(), "ada")
		u.serve(t)
		f.away = true
		time.Sleep(unseenLife)
		u.serve(t)
		f.away = false
		u.serve(t)
		u.want(t, ticketWaiting, "of ada")
		time.Sleep(unseenLife)
		u.serve(t)
		u.want(t, ticketExpired, "of ada")
	})
}

func TestAPausedQueueStaysPausedForNodesToCome(t *testing.T) {
	inLineup(t, "duel", 8, func(t *testing.T, u *lineup) {
		f := &frail{Directory: u.dir, life: "first"}
		u.dir = f
		if _, err := u.queues.setStop(t.Context(), u.l, func(s *queueStop) { s.Paused = true }); err != nil {
			t.Fatal(err)
		}
		known := func(when string) {
			t.Helper()
			tk, err := f.Ticket(t.Context(), controlQueue+"/"+u.l.name)
			if err != nil || string(tk.Body) != `{"paused":true,"drained":false}` {
				t.Errorf("%s: %s, %v", when, tk.Body, err)
			}
		}
		for range 3 {
			u.serve(t)
			time.Sleep(controlLife/2 + time.Hour)
		}
		known("days later")
		f.lose()
		u.serve(t)
		known("in an empty directory")
		if _, err := u.queues.setStop(t.Context(), u.l, func(s *queueStop) { s.Paused = false }); err != nil {
			t.Fatal(err)
		}
		u.serve(t)
		time.Sleep(controlLife)
		u.serve(t)
		if tk, err := f.Ticket(t.Context(), controlQueue+"/"+u.l.name); err == nil {
			t.Errorf("a queue that goes on is still spoken of: %s", tk.Body)
		}
	})
}
