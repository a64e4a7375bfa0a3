package directory

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// free checks how many seats are free to those who look a room up, and to those who search.
func free(t *testing.T, s *site, room string, want int) {
	t.Helper()
	l, err := s.Lookup(t.Context(), room)
	if err != nil || l.Free() != want {
		t.Errorf("%d seats free, %v; want %d", l.Free(), err, want)
	}
	found, err := s.Find(t.Context(), Query{Sort: ByFill})
	if err != nil || len(found) != 1 || found[0].Free() != want {
		t.Errorf("searched: %+v, %v; want one with %d seats free", found, err, want)
	}
}

func seatHold(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{MaxPlayers: 8, Players: 1, Bots: 1, Reserved: 1})
	h := Hold{Room: "r", Nonce: "one", Seats: 2, For: time.Minute}
	for range 2 { // the second time nothing changes
		if o, err := s.Hold(t.Context(), h); err != nil || o != l.Owner {
			t.Fatalf("held of %+v, %v", o, err)
		}
		free(t, s, "r", 3)
	}
	for want, h := range map[error]Hold{
		ErrFull:        {Room: "r", Nonce: "two", Seats: 4, For: time.Minute},
		ErrUnknownRoom: {Room: "x", Nonce: "two", Seats: 1, For: time.Minute},
	} {
		_, err := s.Hold(t.Context(), h)
		wantErr(t, fmt.Sprint(h), err, want)
	}
	_, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: "none", For: time.Minute})
	wantErr(t, "no seats", err, ErrFull)
	acquire(t, s, "unpublished", "n1", 0)
	_, err = s.Hold(t.Context(), Hold{Room: "unpublished", Nonce: "x", Seats: 1, For: time.Minute})
	wantErr(t, "a room not published", err, ErrUnknownRoom)

	ok(t, "drop", s.Drop(t.Context(), "r", "one"))
	ok(t, "drop again", s.Drop(t.Context(), "r", "one"))
	ok(t, "drop elsewhere", s.Drop(t.Context(), "x", "one"))
	free(t, s, "r", 5)
	if _, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: "all", Seats: 5, For: time.Minute}); err != nil {
		t.Errorf("all seats: %v", err)
	}
	free(t, s, "r", 0)
	ok(t, "release", s.Release(t.Context(), l.Owner))
	_, err = s.Hold(t.Context(), h)
	wantErr(t, "a room released", err, ErrUnknownRoom)
	publish(t, s, "r", Listing{MaxPlayers: 4})
	free(t, s, "r", 4)
	s.pass(7 * time.Second)
	_, err = s.Hold(t.Context(), h)
	wantErr(t, "a room whose lease ran out", err, ErrUnknownRoom)
}

func seatExpiry(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{MaxPlayers: 4})
	for i, nonce := range []string{"a", "b", "c"} {
		_, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: nonce, Seats: 1, For: time.Duration(2+i) * time.Second})
		ok(t, "hold", err)
	}
	ok(t, "drop", s.Drop(t.Context(), "r", "b"))
	free(t, s, "r", 2)
	s.pass(2500 * time.Millisecond)
	free(t, s, "r", 3)
	ok(t, "renew", s.Renew(t.Context(), l))
	s.pass(2 * time.Second)
	free(t, s, "r", 4)
	for range 2 {
		if _, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: "a", Seats: 4, For: time.Second}); err != nil {
			t.Errorf("all seats: %v", err)
		}
	}
	free(t, s, "r", 0)
}

func seatConfirm(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{MaxPlayers: 4, Look: 1})
	for _, nonce := range []string{"a", "b"} {
		_, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: nonce, Seats: 1, For: time.Minute})
		ok(t, "hold", err)
	}
	free(t, s, "r", 2)
	before := l
	l.Reserved, l.Look = 1, 3
	ok(t, "confirm", s.Confirm(t.Context(), "a", l))
	free(t, s, "r", 2)
	before.Look = 2
	ok(t, "renewal that was under way", s.Renew(t.Context(), before))
	free(t, s, "r", 2)
	ok(t, "confirm again", s.Confirm(t.Context(), "a", l))
	ok(t, "confirm of nothing", s.Confirm(t.Context(), "never held", l))
	free(t, s, "r", 2)
	l.Reserved, l.Look = 2, 4
	ok(t, "renewal that counts what is to be confirmed", s.Renew(t.Context(), l))
	free(t, s, "r", 1)
	ok(t, "confirm", s.Confirm(t.Context(), "b", before))
	free(t, s, "r", 2)
}

// storm asks for seats from many sides at once, and returns how many got theirs.
func storm(t *testing.T, asks int, ask func(i int) error) int64 {
	var got atomic.Int64
	var wg sync.WaitGroup
	for i := range asks {
		wg.Go(func() {
			if err := ask(i); err == nil {
				got.Add(1)
			} else if !errors.Is(err, ErrFull) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return got.Load()
}

func seatStorm(t *testing.T, s *site) {
	publish(t, s, "r", Listing{MaxPlayers: 12, Players: 1, Bots: 1})
	got := storm(t, 1000, func(i int) error {
		_, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: fmt.Sprint(i), Seats: 1, For: time.Minute})
		return err
	})
	t.Logf("1000 parallel holds for 10 seats: %d got one", got)
	if got != 10 {
		t.Errorf("%d seats held of 10", got)
	}
	s.pass(0) // however long that took
	free(t, s, "r", 0)
}

func seatParties(t *testing.T, s *site) {
	publish(t, s, "r", Listing{MaxPlayers: 10})
	got := storm(t, 100, func(i int) error {
		_, err := s.Hold(t.Context(), Hold{Room: "r", Nonce: fmt.Sprint(i), Seats: 3, For: time.Minute})
		return err
	})
	if got != 3 {
		t.Errorf("%d parties of three in ten seats", got)
	}
	free(t, s, "r", 1)
}

func nodeList(t *testing.T, s *site) {
	want := func(nodes ...Node) {
		t.Helper()
		got, err := s.Nodes(t.Context())
		if diff := cmp.Diff(nodes, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	want()
	b := Node{ID: "b", Address: "http://b:8080", Region: "eu", Build: "7", Games: []string{"arena", "wander"}, Rooms: 3, MaxRooms: 10, Load: 0.5, Draining: true}
	a := Node{ID: "a"}
	ok(t, "announce", s.Announce(t.Context(), b))
	s.pass(4 * time.Second)
	ok(t, "announce", s.Announce(t.Context(), a))
	want(a, b)
	s.pass(4 * time.Second)
	want(a)
	a.Load = 0.25
	ok(t, "announce", s.Announce(t.Context(), a))
	ok(t, "announce", s.Announce(t.Context(), b))
	s.pass(4 * time.Second)
	want(a, b)
	ok(t, "withdraw", s.Withdraw(t.Context(), "b"))
	ok(t, "withdraw again", s.Withdraw(t.Context(), "b"))
	want(a)
}

func leaseHolder(t *testing.T, s *site) {
	lease := func(name, node string) Lease {
		t.Helper()
		l, err := s.Lease(t.Context(), name, node)
		if err != nil || l.Name != name || l.Node != node {
			t.Fatalf("got %+v, %v", l, err)
		}
		return l
	}
	first := lease("ranked", "n1")
	_, err := s.Lease(t.Context(), "ranked", "n2")
	wantErr(t, "another node", err, ErrFenced)
	lease("casual", "n2")
	s.pass(4 * time.Second)
	if again := lease("ranked", "n1"); again != first {
		t.Errorf("extended: %+v; was %+v", again, first)
	}
	s.pass(4 * time.Second)
	_, err = s.Lease(t.Context(), "ranked", "n2")
	wantErr(t, "another node once extended", err, ErrFenced)
	s.pass(3 * time.Second)
	second := lease("ranked", "n2")
	if second.Epoch <= first.Epoch {
		t.Errorf("epoch %d after %d", second.Epoch, first.Epoch)
	}
	s.pass(7 * time.Second)
	if third := lease("ranked", "n2"); third.Epoch <= second.Epoch {
		t.Errorf("epoch %d after one of %d that ran out", third.Epoch, second.Epoch)
	}
}
