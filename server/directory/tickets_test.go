package directory

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func put(t *testing.T, s *site, ticket Ticket) Ticket {
	t.Helper()
	v, err := s.Put(t.Context(), ticket)
	if err != nil || v <= ticket.Version {
		t.Fatalf("put of %+v gave version %d, %v", ticket, v, err)
	}
	ticket.Version = v
	return ticket
}

func ticketPut(t *testing.T, s *site) {
	_, err := s.Ticket(t.Context(), "t")
	wantErr(t, "no ticket", err, ErrUnknownTicket)
	_, err = s.Put(t.Context(), Ticket{ID: "t", Queue: "q", Version: 1, For: time.Minute})
	wantErr(t, "change of no ticket", err, ErrConflict)
	first := put(t, s, Ticket{ID: "t", Queue: "q", For: time.Minute, Body: []byte("one\x00\xff")})
	got, err := s.Ticket(t.Context(), "t")
	if err != nil || got.For > first.For || got.For < first.For-30*time.Second {
		t.Fatalf("got %+v, %v", got, err)
	}
	got.For = first.For
	if diff := cmp.Diff(first, got); diff != "" {
		t.Error(diff)
	}
	_, err = s.Put(t.Context(), Ticket{ID: "t", Queue: "q", For: time.Minute})
	wantErr(t, "one that exists", err, ErrConflict)
	second := put(t, s, Ticket{ID: "t", Queue: "q", Version: first.Version, For: time.Minute, Body: []byte("two")})
	_, err = s.Put(t.Context(), first)
	wantErr(t, "an old version", err, ErrConflict)
	elsewhere := second
	elsewhere.Queue = "other"
	_, err = s.Put(t.Context(), elsewhere)
	wantErr(t, "another queue", err, ErrConflict)
	if got, err := s.Ticket(t.Context(), "t"); err != nil || string(got.Body) != "two" {
		t.Errorf("got %+v, %v", got, err)
	}
	if s.lose == nil {
		return
	}
	s.lose()
	_, err = s.Put(t.Context(), second)
	wantErr(t, "change of a ticket that was lost", err, ErrConflict)
	if again := put(t, s, Ticket{ID: "t", Queue: "q", For: time.Minute}); again.Version <= second.Version {
		t.Errorf("version %d after %d", again.Version, second.Version)
	}
}

func ticketExpiry(t *testing.T, s *site) {
	a := put(t, s, Ticket{ID: "a", Queue: "q", For: 3 * time.Second})
	put(t, s, Ticket{ID: "b", Queue: "q", For: 9 * time.Second})
	s.pass(2 * time.Second)
	if got, err := s.Ticket(t.Context(), "a"); err != nil || got.For > 2*time.Second {
		t.Errorf("got %+v, %v", got, err)
	}
	s.pass(2 * time.Second)
	_, err := s.Ticket(t.Context(), "a")
	wantErr(t, "expired", err, ErrUnknownTicket)
	_, err = s.Put(t.Context(), a)
	wantErr(t, "change of an expired one", err, ErrConflict)
	c, err := s.Tickets(t.Context(), "q", Cursor{})
	if err != nil || len(c.Tickets) != 1 || c.Tickets[0].ID != "b" {
		t.Errorf("got %+v, %v", c, err)
	}
	put(t, s, Ticket{ID: "a", Queue: "another", For: time.Minute})
	if c, err := s.Tickets(t.Context(), "q", Cursor{}); err != nil || len(c.Tickets) != 1 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// follower is a reader of a queue.
type follower struct {
	at   Cursor
	have map[string]string // bodies by id
}

func (f *follower) read(t *testing.T, s *site) {
	t.Helper()
	c, err := s.Tickets(t.Context(), "q", f.at)
	if err != nil {
		t.Fatal(err)
	}
	if c.All {
		f.have = make(map[string]string)
	}
	for _, ticket := range c.Tickets {
		if ticket.Queue != "q" || ticket.For <= 0 {
			t.Errorf("read %+v", ticket)
		}
		f.have[ticket.ID] = string(ticket.Body)
	}
	f.at = c.Next
}

func ticketChanges(t *testing.T, s *site) {
	var f follower
	f.read(t, s)
	want := make(map[string]string)
	check := func() {
		t.Helper()
		f.read(t, s)
		if diff := cmp.Diff(want, f.have); diff != "" {
			t.Error(diff)
		}
	}
	check()
	versions := make(map[string]uint64)
	write := func(id, body string) {
		versions[id] = put(t, s, Ticket{ID: id, Queue: "q", Version: versions[id], For: time.Hour, Body: []byte(body)}).Version
		want[id] = body
	}
	write("a", "1")
	check()
	write("b", "1")
	write("a", "2")
	put(t, s, Ticket{ID: "x", Queue: "other", For: time.Hour})
	check()
	s.pass(3 * time.Minute)
	check()
	if c, err := s.Tickets(t.Context(), "q", f.at); err != nil || c.All || len(c.Tickets) > 0 {
		t.Errorf("nothing has changed; got %+v, %v", c, err)
	}
	for i := range 5 * testPage {
		write(fmt.Sprint(i), "1")
	}
	check()
	for i := range 3 * testPage {
		write(fmt.Sprint(i), "2")
	}
	check()
	var late follower
	if late.read(t, s); !cmp.Equal(want, late.have) {
		t.Errorf("a new reader has %d tickets; want %d", len(late.have), len(want))
	}
	if s.lose == nil {
		return
	}
	s.lose()
	clear(want)
	clear(versions)
	write("z", "1")
	check()
}

func ticketAssign(t *testing.T, s *site) {
	a := put(t, s, Ticket{ID: "a", Queue: "q", For: time.Minute})
	b := put(t, s, Ticket{ID: "b", Queue: "q", For: time.Minute})
	lease, err := s.Lease(t.Context(), "q", "n1")
	ok(t, "lease", err)
	assigned := func(ts ...Ticket) []Ticket {
		ts = slices.Clone(ts)
		for i := range ts {
			ts[i].Body = []byte("matched")
		}
		return ts
	}
	stale := b
	stale.Version--
	wantErr(t, "one has changed", s.Assign(t.Context(), lease, assigned(a, stale)), ErrConflict)
	wantErr(t, "not the holder", s.Assign(t.Context(), Lease{Name: "q", Node: "n2", Epoch: lease.Epoch}, assigned(a)), ErrFenced)
	wantErr(t, "another lease", s.Assign(t.Context(), Lease{Name: "x", Node: "n1", Epoch: lease.Epoch}, assigned(a)), ErrFenced)
	if got, err := s.Ticket(t.Context(), "a"); err != nil || len(got.Body) > 0 {
		t.Errorf("half assigned: %+v, %v", got, err)
	}
	ok(t, "assign", s.Assign(t.Context(), lease, assigned(a, b)))
	for _, id := range []string{"a", "b"} {
		if got, err := s.Ticket(t.Context(), id); err != nil || string(got.Body) != "matched" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	wantErr(t, "twice", s.Assign(t.Context(), lease, assigned(a, b)), ErrConflict)
	c := put(t, s, Ticket{ID: "c", Queue: "q", For: time.Minute})
	s.pass(7 * time.Second)
	wantErr(t, "a lease that ran out", s.Assign(t.Context(), lease, assigned(c)), ErrFenced)
	_, err = s.Lease(t.Context(), "q", "n2")
	ok(t, "lease", err)
	wantErr(t, "a lease with a successor", s.Assign(t.Context(), lease, assigned(c)), ErrFenced)
}
